import type { Principal } from '../identity/principal.ts';
import type { ValueSeal } from '../tokens/value-seal.ts';
import { CommonParts } from './common-parts.ts';
import type { StoredSession } from './session-store.ts';
import type { ActorRecord } from './session.ts';

/** All of a session that never changes. When it was last seen is beside it, in the clear. */
export type SealedSession = Omit<StoredSession, 'lastSeenAtMs'>;

type Fields = readonly [
  principal: Principal,
  actor: ActorRecord | null,
  createdAtMs: number,
  absoluteDeadlineMs: number,
  version: number,
];

/** How a session is written for a store outside this process: sealed, and good under its own key only. */
export class SessionCodec {
  readonly #seal: ValueSeal;
  readonly #common = new CommonParts();

  constructor(seal: ValueSeal) {
    this.#seal = seal;
  }

  encode({ key, ...session }: SealedSession): Buffer {
    const { actor, createdAtMs, absoluteDeadlineMs, version } = session;
    const { subject, directory, role, groups, attributes } = session.principal;
    const principal = { subject, directory, role, groups, attributes };
    const fields: Fields = [principal, actor, createdAtMs, absoluteDeadlineMs, version];
    return this.#seal.seal(placeOf(key), JSON.stringify(fields));
  }

  /** Null for what no gateway with our keys wrote under this key. */
  decode(key: string, sealed: Uint8Array, lastSeenAtMs: number): StoredSession | null {
    const text = this.#seal.open(placeOf(key), sealed);
    if (text === null) return null;
    // We wrote it: the seal says so.
    const [read, actor, createdAtMs, absoluteDeadlineMs, version] = JSON.parse(text) as Fields;
    const principal = this.#common.share(read);
    return { key, principal, actor, createdAtMs, absoluteDeadlineMs, lastSeenAtMs, version };
  }
}

function placeOf(key: string): string {
  return `session ${key}`;
}
