import { randomBytes } from 'node:crypto';
import type { Config } from '../../src/config/config.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { sessionKeyOf } from '../../src/session/session.ts';
import { SessionCodec } from '../../src/session/session-codec.ts';
import { SqliteSessionStore } from '../../src/session/sqlite-session-store.ts';
import { WriterThread } from '../../src/session/writer-thread.ts';
import { ValueSeal } from '../../src/tokens/value-seal.ts';
import { markedPrincipal } from '../../src/users/marked-principal.ts';
import { passwordMarkOf } from '../../src/users/standing.ts';
import { idOf } from './session-tokens.ts';

const atOnce = 4_000;

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
    writes: new WriterThread(place.path),
    worker: randomBytes(8).toString('hex'),
  });
  await store.start();
  try {
    let next = 0;
    const create = async (): Promise<void> => {
      while (next < sessions) {
        signal.throwIfAborted();
        const index = next++;
        const known = await store.create({
          key: sessionKeyOf(idOf(index)),
          principal: principalOf(index),
          actor: null,
          since: null,
        });
        if (known.kind !== 'created') throw new Error(`session ${index} was not opened`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, create));
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
