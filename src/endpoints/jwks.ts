import type { Reply } from '../http/reply.ts';
import type { Endpoint } from './endpoint.ts';

/** The public keys that our tokens for upstreams are checked with (RFC 7517). The same for everybody, so anybody may keep it. */
export class Jwks implements Endpoint {
  readonly bodyBytesMax = 0;
  readonly #reply: Reply;

  constructor(keys: readonly Readonly<Record<string, unknown>>[]) {
    this.#reply = Object.freeze({
      status: 200,
      fields: [
        ['Content-Type', 'application/jwk-set+json'],
        ['Cache-Control', 'public, max-age=300'],
      ] as const,
      body: JSON.stringify({ keys }),
    });
  }

  answer(): Reply {
    return this.#reply;
  }
}
