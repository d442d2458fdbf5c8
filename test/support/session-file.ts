import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionsConfig } from '../../src/config/sessions.ts';
import { Secret } from '../../src/lib/secret.ts';
import { SessionCodec } from '../../src/session/session-codec.ts';
import type { SessionWrites } from '../../src/session/session-writes.ts';
import { SqliteSessionStore } from '../../src/session/sqlite-session-store.ts';
import { WriterThread } from '../../src/session/writer-thread.ts';
import { ValueSeal } from '../../src/tokens/value-seal.ts';
import type { ManualClock } from './manual-clock.ts';

export const sessionKey = {
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

/** A store on a file, not yet started. */
export function sqliteStore(
  path: string,
  config: SessionsConfig,
  clock: ManualClock,
  writes: SessionWrites = new WriterThread(path),
): SqliteSessionStore {
  const codec = new SessionCodec(new ValueSeal({ keys: [sessionKey] }));
  return new SqliteSessionStore({ path, config, clock, codec, writes });
}
