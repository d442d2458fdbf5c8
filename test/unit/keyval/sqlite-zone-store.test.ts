import { describe, expect, it } from 'vitest';
import { SqliteZoneStore } from '../../../src/keyval/sqlite-zone-store.ts';
import { ZoneCodec } from '../../../src/keyval/zone-codec.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { createSessionId, sessionKeyOf } from '../../../src/session/session.ts';
import { WriterThread } from '../../../src/session/writer-thread.ts';
import { ValueSeal } from '../../../src/tokens/value-seal.ts';
import { testZoneStore, type ZoneStoreFixture } from '../../contract/zone-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SessionFolder, sqliteStore } from '../../support/session-file.ts';
import { principalNamed, sessionsConfigOf } from '../../support/session-parts.ts';

const clock = new ManualClock();
const config = sessionsConfigOf();
const seal = new ValueSeal({
  keys: [{ id: 'k1', secret: new Secret('a secret of thirty-two characters') }],
});

async function open(
  path: string,
): Promise<Omit<ZoneStoreFixture, keyof AsyncDisposable> & { close(): Promise<void> }> {
  const writes = new WriterThread(path);
  const sessions = sqliteStore(path, config, clock, writes);
  await sessions.start();
  const store = new SqliteZoneStore({
    ...{ path, clock, writes, worker: 'worker1' },
    codec: new ZoneCodec(seal),
    idleTimeoutMs: config.idleTimeoutMs,
  });
  return {
    store,
    openSession: async () => {
      const key = sessionKeyOf(createSessionId());
      const principal = principalNamed('user1');
      await sessions.create({ key, principal, actor: null, since: null });
      return key;
    },
    close: async () => {
      store.stop();
      await sessions.stop();
    },
  };
}

testZoneStore(
  'the SQLite store',
  async () => {
    const folder = await SessionFolder.make();
    const opened = await open(folder.file);
    return {
      ...opened,
      [Symbol.asyncDispose]: async () => {
        await opened.close();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
  (ms) => {
    clock.advance(ms);
    return Promise.resolve();
  },
);

describe('zones in a session file', () => {
  it('survive a restart', async () => {
    await using folder = await SessionFolder.make();
    const zone = { name: 'tokens', entriesMax: 10 };
    const before = await open(folder.file);
    const entries = [{ key: 'a', value: 'x', livesMs: 5_000 }];
    await before.store.write(zone, { deed: 'add', entries }, null);
    await before.close();
    const after = await open(folder.file);
    expect(await after.store.read('tokens', 'a')).toMatchObject({
      kind: 'found',
      entry: { key: 'a', value: 'x', endsAtMs: clock.now() + 5_000 },
    });
    await after.close();
  });

  it('name what was changed in the log, by hashes', async () => {
    await using folder = await SessionFolder.make();
    const opened = await open(folder.file);
    const entries = [{ key: 'secret-name', value: 'x', livesMs: null }];
    const answer = await opened.store.write(
      { name: 'z', entriesMax: 9 },
      { deed: 'add', entries },
      null,
    );
    await opened.close();
    expect(answer).toMatchObject({
      commit: {
        entries: [
          { kind: 'entry', revoker: 'worker1', ids: [expect.stringMatching(/^[\w-]{35}$/)] },
        ],
      },
    });
    expect(JSON.stringify(answer)).not.toContain('secret-name');
  });
});
