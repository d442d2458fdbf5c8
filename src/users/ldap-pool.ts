import type { Entry } from 'ldapts';
import type { LdapServerConfig } from '../config/ldap-directory.ts';
import type { Clock } from '../lib/clock.ts';
import type { LdapConnection, LdapSearch } from './ldap-connection.ts';
import { LdapOutage, LdapTimeout } from './ldap-failure.ts';
import type { LdapServers } from './ldap-servers.ts';

/** Shorter than what servers and firewalls on the way allow, so that it is we who close. */
const idleMsMax = 120_000;
/** So that everybody is back at the wanted server some time after it is. */
const ageMsMax = 600_000;

interface Held {
  readonly connection: LdapConnection;
  readonly server: LdapServerConfig;
  readonly openedAtMs: number;
  usedAtMs: number;
}

interface LdapPoolParts {
  /** Opens a connection and binds it as the service. */
  readonly open: (server: LdapServerConfig) => Promise<LdapConnection>;
  readonly servers: LdapServers;
  readonly size: number;
  readonly clock: Clock;
}

/**
 * A few connections that are bound as the service and only ever search, many questions at once on each. No user is ever
 * bound on one: a bind changes who everybody's questions are asked for.
 */
export class LdapPool {
  readonly #parts: LdapPoolParts;
  readonly #slots: (Promise<Held> | null)[];
  #turn = 0;

  constructor(parts: LdapPoolParts) {
    this.#parts = parts;
    this.#slots = Array.from({ length: parts.size }, () => null);
  }

  /**
   * A connection that was opened earlier may have died since without a word, so what fails there is asked once more on a
   * new one; a search may be repeated.
   */
  async search(search: LdapSearch): Promise<readonly Entry[]> {
    const slot = this.#turn;
    this.#turn = (slot + 1) % this.#slots.length;
    const { held, isNew } = await this.#holdIn(slot);
    try {
      return await held.connection.search(search);
    } catch (error) {
      if (!(error instanceof LdapOutage)) throw error;
      this.#parts.servers.failed(held.server);
      const isHopeless = error instanceof LdapTimeout && this.#parts.servers.count === 1;
      if (isNew || isHopeless) throw error;
      const { held: fresh } = await this.#holdIn(slot);
      return await fresh.connection.search(search);
    }
  }

  /** Those who wait for an answer are told of an outage. */
  close(): void {
    for (const [slot, opening] of this.#slots.entries()) {
      this.#slots[slot] = null;
      opening?.then(
        ({ connection }) => connection.close(),
        () => {}, // it never opened
      );
    }
  }

  async #holdIn(slot: number): Promise<{ held: Held; isNew: boolean }> {
    const opening = this.#slots[slot];
    if (opening) {
      const held = await opening;
      if (this.#isUsable(held)) {
        held.usedAtMs = this.#parts.clock.monotonic();
        return { held, isNew: false };
      }
      if (this.#slots[slot] === opening) {
        this.#slots[slot] = null;
        held.connection.closeWhenQuiet();
      }
      return await this.#holdIn(slot);
    }
    return { held: await this.#openIn(slot), isNew: true };
  }

  /** One opens, and everybody who comes meanwhile waits for that one. */
  #openIn(slot: number): Promise<Held> {
    const opening = this.#open();
    this.#slots[slot] = opening;
    opening.catch(() => {
      if (this.#slots[slot] === opening) this.#slots[slot] = null;
    });
    return opening;
  }

  async #open(): Promise<Held> {
    const { clock, open, servers } = this.#parts;
    return await servers.first(async (server) => {
      const connection = await open(server);
      const nowMs = clock.monotonic();
      return { connection, server, openedAtMs: nowMs, usedAtMs: nowMs };
    });
  }

  #isUsable({ connection, openedAtMs, usedAtMs }: Held): boolean {
    const nowMs = this.#parts.clock.monotonic();
    return connection.isOpen && nowMs - openedAtMs < ageMsMax && nowMs - usedAtMs < idleMsMax;
  }
}
