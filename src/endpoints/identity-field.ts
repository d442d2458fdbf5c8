import type { IdentityConfig } from '../config/identity.ts';
import type { AnswerMode } from '../http/answers.ts';
import type { Reply } from '../http/reply.ts';
import type { Principal } from '../identity/principal.ts';
import { encodeUserInfo, type UserInfo } from '../identity/user-info.ts';
import type { LiveSession } from '../session/live-session.ts';

type Fields = Reply['fields'];

const NONE: Fields = [];

/** The field that says who somebody is, on our own answers. */
export class IdentityField {
  readonly #config: IdentityConfig;
  readonly #isSaidToClients: boolean;

  /** Tyke told clients who they are with every answer to a session; under `modern` only a proxy that asks is told. */
  constructor(config: IdentityConfig, mode: AnswerMode) {
    this.#config = config;
    this.#isSaidToClients = mode === 'tyke';
  }

  encode(principal: Principal, actor: { readonly subject: string } | null): UserInfo {
    return encodeUserInfo(principal, actor, this.#config.format, this.#config.bytesMax);
  }

  fieldOf(value: string): readonly [name: string, value: string] {
    return [this.#config.field, value];
  }

  /** The fields that an answer to this session carries for the client's own eyes. */
  forClient({ session }: LiveSession): Fields {
    if (!this.#isSaidToClients) return NONE;
    const info = this.encode(session.principal, session.actor);
    return info.kind === 'encoded' ? [this.fieldOf(info.value)] : NONE;
  }
}

/** Why a user cannot be told about upstreams, as a situation. */
export function situationOfUserInfo(
  info: Exclude<UserInfo, { kind: 'encoded' }>,
): 'userinfoTooLarge' | 'userinfoUnencodable' {
  return info.kind === 'tooLarge' ? 'userinfoTooLarge' : 'userinfoUnencodable';
}
