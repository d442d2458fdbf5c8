import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { nextRequestId } from '../../src/gateway/request-id.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import { KeyRing } from '../../src/tokens/key-ring.ts';
import { SessionTokens } from '../../src/tokens/session-token.ts';

/** What a Node contender is started with, as a file. */
export interface ServerSettings {
  readonly port: number;
  readonly upstreamPort: number;
  readonly cookieName: string;
  readonly tokenSecret: string;
  /** Id, identity and end of each session. */
  readonly sessions: readonly (readonly [string, string, number])[];
}

/** The settings that the command line names. */
export function serverSettings(): ServerSettings {
  // Written by whoever starts us, of this one type.
  return JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ServerSettings;
}

export type Fields = Record<string, string | string[]>;

/** They belong to the client's connection, or nobody may say them but us. */
const dropped = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding'],
  ...['upgrade', 'x-userinfo', 'x-request-id', 'cookie', 'authorization', 'proxy'],
  ...['x-http-method-override', 'x-http-method', 'x-method-override', 'expect'],
  ...['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded'],
]);
/** X_UserInfo is X-UserInfo to many an application; NGINX drops such names as well. */
const ambiguousName = /[_.]/;

interface CheckedSession {
  readonly identity: string;
  readonly endsAtMs: number;
}

/**
 * The session check of the Node contenders: the gateway's own tokens, opened when they are first seen and known by their text
 * from then on, as the gateway does, and a look-up in memory.
 * Everything else that the gateway does, such as limits, endings that come from elsewhere and renewals, is not here.
 */
export class SessionCheck {
  readonly #prefix: string;
  readonly #tokens: SessionTokens;
  readonly #sessions = new Map<string, CheckedSession>();
  readonly #byToken = new Map<string, CheckedSession>();

  constructor({ cookieName, sessions, tokenSecret }: ServerSettings) {
    this.#prefix = `${cookieName}=`;
    const keys = [{ id: 'bench', secret: new Secret(tokenSecret) }];
    this.#tokens = new SessionTokens(new KeyRing({ keys }));
    for (const [id, identity, endsAtMs] of sessions) this.#sessions.set(id, { identity, endsAtMs });
  }

  /** The fields that go on to the upstream; null for somebody without a session. */
  forwardedFields({ headers, socket }: IncomingMessage): Fields | null {
    let token: string | null = null;
    let others = '';
    for (const part of (headers.cookie ?? '').split(';')) {
      const pair = part.trim();
      if (!pair.startsWith(this.#prefix)) {
        if (pair !== '') others = others === '' ? pair : `${others}; ${pair}`;
        continue;
      }
      // Two of them: nobody can say which is meant.
      if (token !== null) return null;
      token = pair.slice(this.#prefix.length);
    }
    const session = token === null ? undefined : (this.#byToken.get(token) ?? this.#open(token));
    if (session === undefined || session.endsAtMs <= systemClock.now()) return null;
    const fields: Fields = {};
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (value !== undefined && !dropped.has(name) && !ambiguousName.test(name)) {
        fields[name] = value;
      }
    }
    if (others !== '') fields['cookie'] = others;
    fields['x-userinfo'] = session.identity;
    fields['x-request-id'] = nextRequestId();
    fields['x-forwarded-for'] = socket.remoteAddress ?? '';
    fields['x-forwarded-proto'] = 'http';
    fields['x-forwarded-host'] = headers.host ?? '';
    return fields;
  }

  #open(token: string): CheckedSession | undefined {
    const id = this.#tokens.open(token);
    const session = id === null ? undefined : this.#sessions.get(id);
    if (session !== undefined) this.#byToken.set(token, session);
    return session;
  }
}
