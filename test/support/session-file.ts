import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionsConfig } from '../../src/config/sessions.ts';
import { Secret } from '../../src/lib/secret.ts';
import { SessionCodec } from '../../src/session/session-codec.ts';
import type { DatabaseSync } from 'node:sqlite';
import { openToWrite } from '../../src/session/session-file.ts';
import type { OpenSessionFile } from '../../src/session/session-file.ts';
import type {
  SessionWrite,
  SessionWriteAnswer,
  SessionWrites,
} from '../../src/session/session-writes.ts';
import { SqliteSessionStore } from '../../src/session/sqlite-session-store.ts';
import { SqliteSessionWriter } from '../../src/session/sqlite-session-writer.ts';
import { performBatch } from '../../src/session/writer-batch.ts';
import { WriterThread } from '../../src/session/writer-thread.ts';
import { ValueSeal } from '../../src/tokens/value-seal.ts';
import type { ManualClock } from './manual-clock.ts';

const sessionKey = {
  id: 'k1',
  secret: new Secret('a-secret-of-the-tests-0123456789abcdefghi'),
};

/** A folder for a session file, removed at the end. */
export class SessionFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<SessionFolder> {
    return new SessionFolder(await mkdtemp(join(tmpdir(), 'portcullis-sessions-')));
  }

  get file(): string {
    return join(this.path, 'sessions.db');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** The writer in this thread, for tests that have something to do to its file. */
export class WriterHere implements SessionWrites {
  readonly #path: string;
  readonly #prepare: (database: DatabaseSync) => void;
  #file: OpenSessionFile | null = null;
  #writer: SqliteSessionWriter | null = null;

  constructor(path: string, prepare: (database: DatabaseSync) => void) {
    this.#path = path;
    this.#prepare = prepare;
  }

  async start(): Promise<void> {
    this.#file = openToWrite(this.#path);
    this.#prepare(this.#file.database);
    this.#writer = new SqliteSessionWriter(this.#file.database);
  }

  async perform(write: SessionWrite): Promise<SessionWriteAnswer> {
    if (this.#writer === null) throw new Error('not started');
    const [answer] = performBatch(this.#writer, this.#path, [write]);
    if (answer === undefined) throw new Error('no answer');
    return answer;
  }

  async stop(): Promise<void> {
    this.#file?.close();
  }
}

/** A store on a file, not yet started. */
export function sqliteStore(
  path: string,
  config: SessionsConfig,
  clock: ManualClock,
  writes: SessionWrites = new WriterThread(path),
): SqliteSessionStore {
  const codec = new SessionCodec(new ValueSeal({ keys: [sessionKey] }));
  return new SqliteSessionStore({ path, config, clock, codec, writes, worker: 'worker1' });
}
