import { statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { SqliteDirectoryConfig } from '../config/sqlite-directory.ts';
import type { Principal } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { Log } from '../observability/log.ts';
import { isPasswordAcceptable } from '../passwords/password.ts';
import { PasswordChecker } from '../passwords/password-checker.ts';
import type { KeyChecker } from '../passwords/password-checker.ts';
import { readStoredPassword } from '../passwords/stored-password.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import type { Directory } from './directory.ts';
import { Outage } from './outage.ts';
import { passwordMarkOf } from './standing.ts';
import type { Standing } from './standing.ts';
import { UserFile } from './user-file.ts';
import type { FileUser } from './user-file.ts';
import { canonicalUsername } from './username.ts';
import { accepted, rejected, unavailable } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** A reader meets a writer for the moment of its commit. */
const busyPauseMs = 5;
const busyAttemptsMax = 40;

export interface SqliteDirectoryParts {
  readonly keys: KeyChecker;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Users in a file of ours. It is read on the event loop: one row by the primary key of a local
 * file, some tens of microseconds, and it never waits for a lock; where a writer holds one, it is
 * tried again later. Names are compared exactly, as in a static directory.
 */
export class SqliteDirectory implements Directory {
  readonly name: string;
  readonly #path: string;
  readonly #passwords: PasswordChecker;
  readonly #outage: Outage;
  #file: { readonly users: UserFile; readonly identity: string } | null = null;

  constructor(config: SqliteDirectoryConfig, { keys, clock, log }: SqliteDirectoryParts) {
    this.name = config.name;
    this.#path = config.path;
    this.#passwords = new PasswordChecker(keys, []);
    this.#outage = new Outage(clock, (error) => {
      if (error === null) log.info('directory.back', { directory: config.name });
      else log.warn('directory.out', { directory: config.name, ...errorFields(error) });
    });
  }

  async authenticate(username: string, password: string): Promise<Verdict> {
    const name = canonicalUsername(username);
    if (name === null || !isPasswordAcceptable(password)) return rejected;
    const user = await this.#look(name);
    if (user === 'unavailable') return unavailable;
    const stored = user === null || user.isDisabled ? null : storedOf(user.password);
    const match = await this.#passwords.check(password, stored);
    if (match === 'unavailable') return unavailable;
    return user !== null && match === 'match' ? accepted(this.#principalOf(user)) : rejected;
  }

  async find(username: string): Promise<Verdict> {
    const standing = await this.standing(username);
    return standing.kind === 'accepted' ? accepted(standing.principal) : standing;
  }

  async standing(username: string): Promise<Standing> {
    const name = canonicalUsername(username);
    if (name === null) return rejected;
    const user = await this.#look(name);
    if (user === 'unavailable') return unavailable;
    if (user === null || user.isDisabled) return rejected;
    const passwordMark = passwordMarkOf(user.password);
    return { kind: 'accepted', principal: this.#principalOf(user), passwordMark };
  }

  async close(): Promise<void> {
    this.#file?.users.close();
    this.#file = null;
  }

  async #look(name: string): Promise<FileUser | null | 'unavailable'> {
    for (let attempt = 1; ; attempt++) {
      try {
        const user = this.#users().find(name);
        this.#outage.answered();
        return user;
      } catch (error) {
        if (isBusy(error) && attempt < busyAttemptsMax) {
          await pause(busyPauseMs);
          continue;
        }
        this.#outage.failed(error);
        return 'unavailable';
      }
    }
  }

  /** Opened again when another file has taken its place: a backup, or the first `users add`. */
  #users(): UserFile {
    const { dev, ino } = statSync(this.#path);
    const identity = `${dev} ${ino}`;
    if (this.#file?.identity === identity) return this.#file.users;
    this.#file?.users.close();
    this.#file = null;
    const users = UserFile.open(this.#path);
    this.#file = { users, identity };
    const known = users.samplePasswords().map(storedOf);
    this.#passwords.learn(known.filter((stored) => stored !== null));
    return users;
  }

  #principalOf(user: FileUser): Principal {
    return Object.freeze({
      subject: user.username,
      directory: this.name,
      role: user.role,
      groups: Object.freeze([...user.groups]),
      attributes: Object.freeze({}),
    });
  }
}

function storedOf(text: string): StoredPassword | null {
  const read = readStoredPassword(text, false);
  return read.kind === 'read' ? read.stored : null;
}

/** SQLITE_BUSY and SQLITE_LOCKED, with or without their extended codes. */
function isBusy(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'errcode') : undefined;
  return typeof code === 'number' && [5, 6].includes(code % 256);
}
