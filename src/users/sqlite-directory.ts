import { statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { SqliteDirectoryConfig } from '../config/sqlite-directory.ts';
import { readStoredPassword } from '../passwords/stored-password.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import { RowDirectory } from './row-directory.ts';
import type { RowDirectoryParts, UserRow } from './row-directory.ts';
import { UserFile } from './user-file.ts';

/** A reader meets a writer for the moment of its commit. */
const busyPauseMs = 5;
const busyAttemptsMax = 40;

/**
 * Users in a file of ours. It is read on the event loop: one row by the primary key of a local
 * file, some tens of microseconds, and it never waits for a lock; where a writer holds one, it is
 * tried again later. Names are compared exactly, as in a static directory.
 */
export class SqliteDirectory extends RowDirectory {
  readonly #path: string;
  #file: { readonly users: UserFile; readonly identity: string } | null = null;

  constructor(config: SqliteDirectoryConfig, parts: RowDirectoryParts) {
    // A file that cannot be read says so at once.
    super(config.name, parts, { floor: [], outagePauseMs: 0 });
    this.#path = config.path;
  }

  async close(): Promise<void> {
    this.#file?.users.close();
    this.#file = null;
  }

  protected async lookUp(name: string): Promise<UserRow | null> {
    for (let attempt = 1; ; attempt++) {
      try {
        const user = this.#users().find(name);
        return user && { ...user, isActive: !user.isDisabled };
      } catch (error) {
        if (!isBusy(error) || attempt >= busyAttemptsMax) throw error;
        await pause(busyPauseMs);
      }
    }
  }

  protected storedOf({ password }: UserRow): StoredPassword | null {
    return storedIn(password);
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
    const known = users.samplePasswords().map(storedIn);
    this.passwords.learn(known.filter((stored) => stored !== null));
    return users;
  }
}

function storedIn(text: string): StoredPassword | null {
  const read = readStoredPassword(text, false);
  return read.kind === 'read' ? read.stored : null;
}

/** SQLITE_BUSY and SQLITE_LOCKED, with or without their extended codes. */
function isBusy(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'errcode') : undefined;
  return typeof code === 'number' && [5, 6].includes(code % 256);
}
