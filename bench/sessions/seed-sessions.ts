import { randomBytes } from 'node:crypto';
import type { Config } from '../../src/config/config.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { sessionKeyOf } from '../../src/session/session.ts';
import { openToWrite, type OpenSessionFile } from '../../src/session/session-file.ts';
import { SessionCodec } from '../../src/session/session-codec.ts';
import { SqliteSessionStore } from '../../src/session/sqlite-session-store.ts';
import type {
  SessionWrite,
  SessionWriteAnswer,
  SessionWrites,
} from '../../src/session/session-writes.ts';
import { SqliteSessionWriter } from '../../src/session/sqlite-session-writer.ts';
import { performBatch } from '../../src/session/writer-batch.ts';
import { ValueSeal } from '../../src/tokens/value-seal.ts';
import { markedPrincipal } from '../../src/users/marked-principal.ts';
import { passwordMarkOf } from '../../src/users/standing.ts';
import { idOf } from './session-tokens.ts';

/** In one transaction. */
const atOnce = 10_000;

/** The writer in this thread, with a cache for a large file: a login at a time would take minutes. */
class SeedWrites implements SessionWrites {
  readonly #path: string;
  #file: OpenSessionFile | null = null;
  #waiting: { readonly write: SessionWrite; resolve(answer: SessionWriteAnswer): void }[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  start(): Promise<void> {
    this.#file = openToWrite(this.#path);
    this.#file.database.exec('PRAGMA cache_size = -1000000');
    return Promise.resolve();
  }

  perform(write: SessionWrite): Promise<SessionWriteAnswer> {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    return new Promise((resolve) => {
      this.#waiting.push({ write, resolve });
    });
  }

  stop(): Promise<void> {
    this.#file?.close();
    return Promise.resolve();
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    if (this.#file === null) throw new Error('the session file is closed');
    const writer = new SqliteSessionWriter(this.#file.database);
    const writes = batch.map(({ write }) => write);
    const answers = performBatch(writer, this.#path, writes);
    for (const [index, answer] of answers.entries()) batch[index]?.resolve(answer);
  }
}

/** Writes sessions of distinct users into the session file of a configuration, as logins would. */
export async function seedSessions(
  config: Config,
  sessions: number,
  signal: AbortSignal,
): Promise<void> {
  const { store: place } = config.sessions;
  if (place.type !== 'sqlite') throw new Error('a session file is expected');
  const store = new SqliteSessionStore({
    path: place.path,
    config: config.sessions,
    clock: systemClock,
    codec: new SessionCodec(new ValueSeal(config.tokens)),
    writes: new SeedWrites(place.path),
    worker: randomBytes(8).toString('hex'),
  });
  const create = async (index: number): Promise<void> => {
    const key = sessionKeyOf(idOf(index));
    const one = { key, principal: principalOf(index), actor: null, since: null };
    const known = await store.create(one);
    if (known.kind !== 'created') throw new Error(`session ${index} was not opened`);
  };
  await store.start();
  try {
    for (let start = 0; start < sessions; start += atOnce) {
      signal.throwIfAborted();
      const length = Math.min(atOnce, sessions - start);
      await Promise.all(Array.from({ length }, (_, index) => create(start + index)));
    }
  } finally {
    await store.stop();
  }
}

/** As a directory with passwords describes somebody. */
function principalOf(index: number) {
  const username = `person${String(index).padStart(7, '0')}`;
  const principal = {
    subject: username,
    directory: 'people',
    role: 'physician',
    groups: ['group1', 'group2'],
    attributes: {},
  };
  return markedPrincipal(principal, passwordMarkOf(username));
}
