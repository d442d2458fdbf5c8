import type { DjangoDirectoryConfig } from '../config/django-directory.ts';
import type { Clock } from '../lib/clock.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { Log } from '../observability/log.ts';
import { parseDjangoHash } from '../passwords/django-hash.ts';
import type { DjangoHashRules } from '../passwords/django-hash.ts';
import { isPasswordAcceptable } from '../passwords/password.ts';
import { PasswordChecker } from '../passwords/password-checker.ts';
import type { KeyChecker } from '../passwords/password-checker.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import type { Principal } from '../identity/principal.ts';
import type { Database, DatabaseRow } from './database.ts';
import type { Directory } from './directory.ts';
import { sampleStatement, userStatement } from './django-statements.ts';
import { djangoUser } from './django-user.ts';
import type { DjangoUser } from './django-user.ts';
import { Outage } from './outage.ts';
import { passwordMarkOf } from './standing.ts';
import type { Standing } from './standing.ts';
import { canonicalUsername } from './username.ts';
import { accepted, rejected, unavailable } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export interface DjangoDirectoryParts {
  readonly database: Database;
  readonly keys: KeyChecker;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The users of a Django application, read from its database and never written. Names are compared
 * as the database compares them; the name that goes on from here is the one that came back, or one
 * person would have two.
 */
export class DjangoDirectory implements Directory {
  readonly name: string;
  readonly #config: DjangoDirectoryConfig;
  readonly #database: Database;
  readonly #log: Log;
  readonly #outage: Outage;
  readonly #passwords: PasswordChecker;
  readonly #rules: DjangoHashRules;
  readonly #userStatement: string;
  #sampling: Promise<void> | null = null;
  #isSampled = false;

  constructor(config: DjangoDirectoryConfig, { database, keys, clock, log }: DjangoDirectoryParts) {
    this.name = config.name;
    this.#config = config;
    this.#database = database;
    this.#log = log;
    this.#outage = new Outage(clock, (error) => {
      if (error === null) log.info('directory.back', { directory: config.name });
      else log.warn('directory.out', { directory: config.name, ...errorFields(error) });
    });
    this.#rules = {
      iterationsMax: config.iterationsMax,
      weakHashers: new Set(config.weakHashers),
    };
    this.#passwords = new PasswordChecker(keys, floorOf(config));
    this.#userStatement = userStatement(config.tables, database.dialect);
  }

  async authenticate(username: string, password: string): Promise<Verdict> {
    const name = canonicalUsername(username);
    if (name === null || !isPasswordAcceptable(password)) return rejected;
    const user = await this.#look(name);
    if (user === 'unavailable') return unavailable;
    const stored = user?.isActive === true ? this.#storedOf(user) : null;
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
    if (user === null || !user.isActive) return rejected;
    return {
      kind: 'accepted',
      principal: this.#principalOf(user),
      passwordMark: passwordMarkOf(user.password),
    };
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  /** Null: there is nobody of that name. */
  async #look(name: string): Promise<DjangoUser | null | 'unavailable'> {
    if (!this.#outage.admits()) return 'unavailable';
    try {
      await this.#sample();
      const rows = await this.#database.query(this.#userStatement, [name]);
      this.#outage.answered();
      return djangoUser(rows, this.#config.roles);
    } catch (error) {
      this.#outage.failed(error);
      return 'unavailable';
    }
  }

  /** Before the first answer: what refusals must cost, so that they tell nothing from then on. */
  async #sample(): Promise<void> {
    if (this.#isSampled) return;
    const statement = sampleStatement(this.#config.tables, this.#database.dialect);
    this.#sampling ??= this.#database
      .query(statement, [])
      .then((rows) => {
        this.#passwords.learn(rows.flatMap((row) => this.#parsed(row)));
        this.#isSampled = true;
      })
      .finally(() => {
        this.#sampling = null;
      });
    await this.#sampling;
  }

  #parsed({ password }: DatabaseRow): StoredPassword[] {
    const read = parseDjangoHash(typeof password === 'string' ? password : '', this.#rules);
    return read.kind === 'read' ? [read.stored] : [];
  }

  /** Null for what no password can match. */
  #storedOf(user: DjangoUser): StoredPassword | null {
    const read = parseDjangoHash(user.password, this.#rules);
    if (read.kind === 'read') return read.stored;
    // Django writes that for everybody who logs in elsewhere.
    if (user.password === '' || user.password.startsWith('!')) return null;
    this.#log.warn('directory.hash_refused', {
      directory: this.name,
      subject: user.username,
      reason: read.reason,
    });
    return null;
  }

  #principalOf(user: DjangoUser): Principal {
    return Object.freeze({
      subject: user.username,
      directory: this.name,
      role: user.role,
      groups: Object.freeze([...user.groups]),
      attributes: Object.freeze({}),
    });
  }
}

/** What refusals cost whatever the rows hold. */
function floorOf({ refusalIterations }: DjangoDirectoryConfig): readonly StoredPassword[] {
  if (refusalIterations === 0) return [];
  const derivation = {
    algorithm: 'pbkdf2',
    digest: 'sha256',
    iterations: refusalIterations,
    salt: new Uint8Array(22),
    keyBytes: 32,
  } as const;
  return [{ kind: 'key', derivation, key: new Uint8Array(32) }];
}
