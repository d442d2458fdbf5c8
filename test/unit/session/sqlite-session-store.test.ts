import { expect, test } from 'vitest';
import { loginOriginOf, withLoginOrigin } from '../../../src/identity/login-origin.ts';
import { createSessionId, sessionKeyOf } from '../../../src/session/session.ts';
import { testSessionStore } from '../../contract/session-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { principalNamed, sessionsConfigOf } from '../../support/session-parts.ts';
import { SessionFolder, sqliteStore } from '../../support/session-file.ts';

const contractClock = new ManualClock();

testSessionStore(
  'the SQLite store',
  async (config) => {
    const folder = await SessionFolder.make();
    const store = sqliteStore(folder.file, config, contractClock);
    await store.start();
    return {
      store,
      [Symbol.asyncDispose]: async () => {
        await store.stop();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
  (ms) => {
    contractClock.advance(ms);
    return Promise.resolve();
  },
);

test('the SQLite store tells where a login came from to lists, and not to caches', async () => {
  await using folder = await SessionFolder.make();
  const store = sqliteStore(folder.file, sessionsConfigOf(), contractClock);
  await store.start();
  const from = { address: '192.0.2.1', node: 'north' };
  const principal = withLoginOrigin(principalNamed('user1'), from);
  const key = sessionKeyOf(createSessionId());
  const created = await store.create({ key, principal, actor: null, since: null });
  const read = await store.read(key);
  for (const answer of [created, read]) {
    expect('session' in answer && loginOriginOf(answer.session.principal)).toBeNull();
  }
  for (const listing of [await store.page(0, 1), await store.listOf('main', 'user1')]) {
    const sessions = listing.kind === 'listed' ? listing.sessions : [];
    expect(sessions.map((one) => loginOriginOf(one.principal))).toEqual([from]);
  }
  await store.stop();
});
