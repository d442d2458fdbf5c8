import type { DjangoDirectoryConfig } from '../config/django-directory.ts';
import { parseDjangoHash } from '../passwords/django-hash.ts';
import type { DjangoHashRules } from '../passwords/django-hash.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import type { Database, DatabaseRow } from './database.ts';
import { sampleStatement, userStatement } from './django-statements.ts';
import { djangoUser } from './django-user.ts';
import type { DjangoUser } from './django-user.ts';
import { RowDirectory } from './row-directory.ts';
import type { RowDirectoryParts, UserRow } from './row-directory.ts';

/** A database that stands still lets everybody who asks it wait: not one login after the other. */
const outagePauseMs = 500;

export interface DjangoDirectoryParts extends RowDirectoryParts {
  readonly database: Database;
}

/**
 * The users of a Django application, read from its database and never written. Names are compared
 * as the database compares them.
 */
export class DjangoDirectory extends RowDirectory {
  readonly #config: DjangoDirectoryConfig;
  readonly #database: Database;
  readonly #rules: DjangoHashRules;
  readonly #userStatement: string;
  #sampling: Promise<void> | null = null;
  #isSampled = false;

  constructor(config: DjangoDirectoryConfig, parts: DjangoDirectoryParts) {
    super(config.name, parts, { floor: floorOf(config), outagePauseMs });
    const { database } = parts;
    this.#config = config;
    this.#database = database;
    this.#rules = {
      iterationsMax: config.iterationsMax,
      weakHashers: new Set(config.weakHashers),
    };
    this.#userStatement = userStatement(config.tables, database.dialect);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  protected async lookUp(name: string): Promise<DjangoUser | null> {
    await this.#sample();
    const rows = await this.#database.query(this.#userStatement, [name]);
    return djangoUser(rows, this.#config.roles);
  }

  protected storedOf(user: UserRow): StoredPassword | null {
    const read = parseDjangoHash(user.password, this.#rules);
    if (read.kind === 'read') return read.stored;
    // Django writes that for everybody who logs in elsewhere.
    if (user.password === '' || user.password.startsWith('!')) return null;
    this.log.warn('directory.hash_refused', {
      directory: this.name,
      subject: user.username,
      reason: read.reason,
    });
    return null;
  }

  /** Before the first answer: what refusals must cost, so that they tell nothing from then on. */
  async #sample(): Promise<void> {
    if (this.#isSampled) return;
    const statement = sampleStatement(this.#config.tables, this.#database.dialect);
    this.#sampling ??= this.#database
      .query(statement, [])
      .then((rows) => {
        this.passwords.learn(rows.flatMap((row) => this.#parsed(row)));
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
