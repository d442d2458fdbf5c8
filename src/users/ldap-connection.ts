import type { Socket } from 'node:net';
import { Client, type Entry, type Filter } from 'ldapts';
import { LdapOutage, LdapTimeout, resultCodeOf } from './ldap-failure.ts';
import { openLdapSocket, type LdapReach } from './ldap-socket.ts';

export interface LdapSearch {
  readonly base: string;
  readonly scope: 'base' | 'sub';
  readonly filter: string | Filter;
  readonly attributes: readonly string[];
  /** 0: all. */
  readonly entriesMax: number;
}

const whoAmIOid = '1.3.6.1.4.1.4203.1.11.3';

/** One connection with one identity. It never opens another one behind anybody's back: once closed it stays closed. */
export class LdapConnection {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #operationTimeoutMs: number;
  #pending = 0;
  #isRetired = false;

  private constructor(socket: Socket, operationTimeoutMs: number) {
    this.#socket = socket;
    this.#operationTimeoutMs = operationTimeoutMs;
    let isTaken = false;
    this.#client = new Client({
      // Only a form: the connection is there, and the client must not try one of its own, which would be neither
      // verified nor bound.
      url: 'ldap://localhost',
      timeout: operationTimeoutMs,
      createConnection: () => {
        if (isTaken) throw new LdapOutage('the connection has ended');
        isTaken = true;
        return socket;
      },
    });
  }

  /** Fails with an `LdapOutage`. */
  static async open(reach: LdapReach, operationTimeoutMs: number): Promise<LdapConnection> {
    return new LdapConnection(await openLdapSocket(reach), operationTimeoutMs);
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /**
   * Simple bind. A bind without a name or without a password succeeds as nobody (RFC 4513 §5.1), and some words in place
   * of a name would select SASL, so neither is ever sent. Fails with what the server said.
   */
  async bind(name: string, password: string): Promise<void> {
    if (password === '' || !/[=@\\]/.test(name)) throw new LdapOutage('no name to bind with');
    await named(this.#client.bind(name, password));
  }

  /** Referrals and references are never followed: they would carry passwords to servers that nobody named. */
  async search(search: LdapSearch): Promise<readonly Entry[]> {
    const { base, scope, filter, attributes, entriesMax } = search;
    const options = {
      scope,
      filter,
      attributes: [...attributes],
      sizeLimit: entriesMax,
      timeLimit: Math.ceil(this.#operationTimeoutMs / 1000),
      derefAliases: 'never' as const,
    };
    this.#pending += 1;
    try {
      return (await named(this.#client.search(base, options))).searchEntries;
    } finally {
      this.#pending -= 1;
      if (this.#isRetired) this.closeWhenQuiet();
    }
  }

  /** Who the server takes this connection for (RFC 4532); empty: nobody; null: it does not say. */
  async whoAmI(): Promise<string | null> {
    try {
      const { value } = await named(this.#client.exop(whoAmIOid));
      return value ?? '';
    } catch (error) {
      if (resultCodeOf(error) === null) throw error;
      return null;
    }
  }

  /** Those who wait for an answer to a search still get it. */
  closeWhenQuiet(): void {
    this.#isRetired = true;
    if (this.#pending === 0) this.close();
  }

  close(): void {
    // Not `unbind`, which waits: closing is as good (RFC 4511 §5.3), and nobody reads an answer to it.
    this.#socket.destroy();
  }
}

/** A failure of the connection has a name of ours; what a server said keeps its code. */
async function named<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (resultCodeOf(cause) !== null || cause instanceof LdapOutage) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    const Outage = /timed out/i.test(message) ? LdapTimeout : LdapOutage;
    throw new Outage(message, { cause });
  }
}
