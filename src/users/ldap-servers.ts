import type { LdapServerConfig } from '../config/ldap-directory.ts';
import type { Clock } from '../lib/clock.ts';

interface Standing {
  readonly server: LdapServerConfig;
  /** Monotonic; null while nothing is known against it. */
  downUntilMs: number | null;
}

/**
 * Servers that hold the same, in the order in which they are wanted. One that failed is passed over for a while, and is
 * then tried by one question at a time: a frozen server costs few logins their time.
 */
export class LdapServers {
  readonly #standings: readonly Standing[];
  readonly #retryMs: number;
  readonly #clock: Clock;

  constructor(servers: readonly LdapServerConfig[], retryMs: number, clock: Clock) {
    this.#standings = servers.map((server) => ({ server, downUntilMs: null }));
    this.#retryMs = retryMs;
    this.#clock = clock;
  }

  get count(): number {
    return this.#standings.length;
  }

  /** Asks one after another until one answers; fails with what the last one failed with. */
  async first<T>(ask: (server: LdapServerConfig) => Promise<T>): Promise<T> {
    let last: unknown;
    for (const standing of this.#inOrder()) {
      // Others pass it over while this question finds out.
      if (standing.downUntilMs !== null) this.#mark(standing);
      try {
        const answer = await ask(standing.server);
        standing.downUntilMs = null;
        return answer;
      } catch (error) {
        this.#mark(standing);
        last = error;
      }
    }
    throw last;
  }

  /** For what fails later, on a connection that was got from it. */
  failed(server: LdapServerConfig): void {
    const standing = this.#standings.find((one) => one.server === server);
    if (standing !== undefined) this.#mark(standing);
  }

  #mark(standing: Standing): void {
    standing.downUntilMs = this.#clock.monotonic() + this.#retryMs;
  }

  /** Those that are down come last instead of never: when all are, somebody has to be asked. */
  #inOrder(): readonly Standing[] {
    const nowMs = this.#clock.monotonic();
    const isDown = ({ downUntilMs }: Standing) => downUntilMs !== null && downUntilMs > nowMs;
    return this.#standings.toSorted((one, other) => Number(isDown(one)) - Number(isDown(other)));
  }
}
