import { chmodSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** A user as the file holds one. */
export interface FileUser {
  readonly username: string;
  /** An argon2id PHC string. */
  readonly password: string;
  readonly role: string;
  readonly groups: readonly string[];
  readonly isDisabled: boolean;
}

/** Marks a file as one of ours, so that nobody else's is taken for it. */
const applicationId = 0x706f7274;
const version = 1;

const schema = `
  CREATE TABLE users (
    username TEXT PRIMARY KEY,
    password TEXT NOT NULL,
    role TEXT NOT NULL,
    groups TEXT NOT NULL CHECK (json_valid(groups)),
    is_disabled INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1))
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${version};
`;

/** How long writing waits for another writer. A reader never waits. */
const writeTimeoutMs = 5_000;

/** The file of an SQLite directory. Throws what SQLite throws. */
export class UserFile {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** To read only. */
  static open(path: string): UserFile {
    return new UserFile(opened(path, { readOnly: true, timeout: 0 }));
  }

  /** To write; `isNew` says that there is to be one if there is none. */
  static openToWrite(path: string, isNew: boolean): UserFile {
    if (existsSync(path)) return new UserFile(opened(path, { timeout: writeTimeoutMs }));
    if (!isNew) throw new Error('there is no such file');
    const database = new DatabaseSync(path, { timeout: writeTimeoutMs });
    // It holds hashes; who else may read it is for its owner to say.
    chmodSync(path, 0o600);
    database.exec(`BEGIN EXCLUSIVE; ${schema} COMMIT;`);
    return new UserFile(database);
  }

  find(username: string): FileUser | null {
    const row = this.#database.prepare('SELECT * FROM users WHERE username = ?').get(username);
    return row === undefined ? null : userOf(row);
  }

  list(): FileUser[] {
    return this.#database.prepare('SELECT * FROM users ORDER BY username').all().map(userOf);
  }

  /** Some of the passwords: what refusals must cost. */
  samplePasswords(): string[] {
    const rows = this.#database.prepare('SELECT password FROM users LIMIT 1000').all();
    return rows.map(({ password }) => String(password));
  }

  /** False when there is one of that name. */
  add({ username, password, role, groups, isDisabled }: FileUser): boolean {
    const statement = this.#database.prepare(
      'INSERT INTO users VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    const list = JSON.stringify(groups);
    return statement.run(username, password, role, list, Number(isDisabled)).changes === 1;
  }

  /** False when there is nobody of that name. */
  setPassword(username: string, password: string): boolean {
    const statement = this.#database.prepare('UPDATE users SET password = ? WHERE username = ?');
    return statement.run(password, username).changes === 1;
  }

  /** False when there is nobody of that name. */
  setDisabled(username: string, isDisabled: boolean): boolean {
    const statement = this.#database.prepare('UPDATE users SET is_disabled = ? WHERE username = ?');
    return statement.run(Number(isDisabled), username).changes === 1;
  }

  close(): void {
    this.#database.close();
  }
}

function opened(path: string, options: { readOnly?: boolean; timeout: number }): DatabaseSync {
  const database = new DatabaseSync(path, options);
  const id = database.prepare('PRAGMA application_id').get()?.['application_id'];
  const found = database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (id === applicationId && found === version) return database;
  database.close();
  throw new Error('the file was not made by `portcullis users add` of this version');
}

function userOf(row: Readonly<Record<string, unknown>>): FileUser {
  const groups: unknown = JSON.parse(String(row['groups']));
  return {
    username: String(row['username']),
    password: String(row['password']),
    role: String(row['role']),
    groups: Array.isArray(groups) ? groups.map(String) : [],
    isDisabled: row['is_disabled'] !== 0,
  };
}
