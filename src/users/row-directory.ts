import type { Principal } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { Log } from '../observability/log.ts';
import type { HashTurn } from '../passwords/hash-turn.ts';
import { isPasswordAcceptable } from '../passwords/password.ts';
import { PasswordChecker } from '../passwords/password-checker.ts';
import type { KeyChecker } from '../passwords/password-checker.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import type { Directory } from './directory.ts';
import { OutageGate, stillOut } from './outage-gate.ts';
import { passwordMarkOf } from './standing.ts';
import type { Standing } from './standing.ts';
import { canonicalUsername } from './username.ts';
import { accepted, rejected, rejectedAs, unavailable } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** A user in a row of a table, with a hash. */
export interface UserRow {
  readonly username: string;
  /** As it is stored. */
  readonly password: string;
  readonly role: string;
  readonly groups: readonly string[];
  readonly isActive: boolean;
  /** See `Verdict`. */
  readonly isProtected?: boolean;
}

export interface RowDirectoryParts {
  readonly keys: KeyChecker;
  readonly clock: Clock;
  readonly log: Log;
}

export interface RowRules {
  /** What refusals cost whatever the rows hold. */
  readonly floor: readonly StoredPassword[];
  /** How long nobody asks after a failure. */
  readonly outagePauseMs: number;
}

/**
 * What directories have in common that keep their users in rows, with a hash in each. The name that
 * goes on from here is the one in the row, or one person would have two.
 */
export abstract class RowDirectory implements Directory {
  readonly name: string;
  protected readonly log: Log;
  protected readonly passwords: PasswordChecker;
  readonly #gate: OutageGate;

  constructor(name: string, { clock, keys, log }: RowDirectoryParts, rules: RowRules) {
    this.name = name;
    this.log = log;
    this.passwords = new PasswordChecker(keys, rules.floor);
    this.#gate = new OutageGate({
      clock,
      pauseMs: rules.outagePauseMs,
      isOutage: () => true,
      onChange: (isOut, error) => {
        if (isOut) log.warn('directory.out', { directory: name, ...errorFields(error) });
        else log.info('directory.back', { directory: name });
      },
    });
  }

  get isOut(): boolean {
    return this.#gate.isOut;
  }

  async authenticate(username: string, password: string, turn?: HashTurn): Promise<Verdict> {
    const name = canonicalUsername(username);
    if (name === null || !isPasswordAcceptable(password)) return rejected;
    // A storm of logins is not to be a storm of queries.
    if (this.passwords.isFullFor(turn)) return unavailable;
    const row = await this.#look(name);
    if (row === 'unavailable') return unavailable;
    const stored = row?.isActive === true ? this.storedOf(row) : null;
    const match = await this.passwords.check(password, stored, turn);
    if (match === 'unavailable') return unavailable;
    return row !== null && match === 'match'
      ? accepted(this.#principalOf(row), passwordMarkOf(row.password))
      : rejectedAs(this.name, row?.username ?? null);
  }

  async find(username: string): Promise<Verdict> {
    const name = canonicalUsername(username);
    if (name === null) return rejected;
    const row = await this.#look(name);
    if (row === 'unavailable') return unavailable;
    if (row === null || !row.isActive) return rejected;
    const principal = this.#principalOf(row);
    return row.isProtected === true
      ? { kind: 'accepted', principal, isProtected: true }
      : accepted(principal);
  }

  async standing(username: string): Promise<Standing> {
    const name = canonicalUsername(username);
    if (name === null) return rejected;
    const row = await this.#look(name);
    if (row === 'unavailable') return unavailable;
    if (row === null || !row.isActive) return rejected;
    const passwordMark = passwordMarkOf(row.password);
    return { kind: 'accepted', principal: this.#principalOf(row), passwordMark };
  }

  abstract close(): Promise<void>;

  /** Null: there is nobody of that name. Throws where the rows cannot be read. */
  protected abstract lookUp(name: string): Promise<UserRow | null>;

  /** Null for what no password can match. */
  protected abstract storedOf(row: UserRow): StoredPassword | null;

  async #look(name: string): Promise<UserRow | null | 'unavailable'> {
    try {
      const row = await this.#gate.run(() => this.lookUp(name));
      return row === stillOut ? 'unavailable' : row;
    } catch {
      return 'unavailable'; // the gate has said why
    }
  }

  #principalOf(row: UserRow): Principal {
    return Object.freeze({
      subject: row.username,
      directory: this.name,
      role: row.role,
      groups: Object.freeze([...row.groups]),
      attributes: Object.freeze({}),
    });
  }
}
