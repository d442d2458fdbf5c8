import { createHmac } from 'node:crypto';
import type { UpstreamServer } from './server.ts';

const TOKEN_LENGTH = 22;

/**
 * The cookie values that keep browsers at a server. A value is a MAC over the server's address: it says nothing of the
 * network behind, nobody can make one for a server of his choice, and every gateway with the same keys reads it. All
 * are computed when the group changes, so a request costs one look-up.
 */
export class StickyServers<Pool> {
  readonly cookie: string;
  readonly #upstream: string;
  readonly #keys: readonly Uint8Array[];
  readonly #byToken = new Map<string, UpstreamServer<Pool>>();
  readonly #tokens = new Map<UpstreamServer<Pool>, string>();

  /** `keys`: the first one makes values, all of them are good. */
  constructor(cookie: string, upstream: string, keys: readonly Uint8Array[]) {
    this.cookie = cookie;
    this.#upstream = upstream;
    this.#keys = keys;
  }

  /** Who belongs to the group from now on. */
  compose(servers: readonly UpstreamServer<Pool>[]): void {
    this.#byToken.clear();
    this.#tokens.clear();
    for (const server of servers) {
      const [first, ...others] = this.#keys.map((key) => this.#mac(key, server.address.name));
      for (const token of others) this.#byToken.set(token, server);
      if (first === undefined) continue;
      this.#byToken.set(first, server);
      this.#tokens.set(server, first);
    }
  }

  /** The server that a value names, if it belongs to the group. */
  serverOf(token: string): UpstreamServer<Pool> | null {
    return this.#byToken.get(token) ?? null;
  }

  /** Empty for a server that has left the group. */
  tokenOf(server: UpstreamServer<Pool>): string {
    return this.#tokens.get(server) ?? '';
  }

  #mac(key: Uint8Array, address: string): string {
    const mac = createHmac('sha256', key).update(`${this.#upstream}\0${address}`);
    return mac.digest('base64url').slice(0, TOKEN_LENGTH);
  }
}
