import { describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../../../src/session/memory-session-store.ts';
import { createSessionId, sessionKeyOf } from '../../../src/session/session.ts';
import type { CreateAnswer } from '../../../src/session/session-store.ts';
import { testSessionStore } from '../../contract/session-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { principalNamed, sessionsConfigOf } from '../../support/session-parts.ts';

const contractClock = new ManualClock();

testSessionStore(
  'the memory store',
  (config) => {
    const store = new MemorySessionStore(config, contractClock);
    return Promise.resolve({ store, [Symbol.asyncDispose]: () => Promise.resolve() });
  },
  (ms) => {
    contractClock.advance(ms);
    return Promise.resolve();
  },
);

function login(store: MemorySessionStore, subject: string): Promise<CreateAnswer> {
  const key = sessionKeyOf(createSessionId());
  return store.create({ key, principal: principalNamed(subject), actor: null, since: null });
}

describe('the memory store', () => {
  const full = sessionsConfigOf({ store: { type: 'memory', sessionsMax: 3 } });

  test('refuses a login when it is full, and says why', async () => {
    const store = new MemorySessionStore(full, new ManualClock());
    for (const subject of ['a', 'b', 'c']) {
      expect(await login(store, subject)).toMatchObject({ kind: 'created' });
    }
    expect(await login(store, 'd')).toEqual({ kind: 'unavailable', reason: 'full' });
  });

  test('has a place when it is full of what has expired', async () => {
    const clock = new ManualClock();
    const store = new MemorySessionStore(full, clock);
    for (const subject of ['a', 'b', 'c']) await login(store, subject);
    clock.advance(full.idleTimeoutMs + 2 * full.touchIntervalMs);
    expect(await login(store, 'd')).toMatchObject({ kind: 'created' });
    expect(await store.count()).toEqual({ kind: 'counted', count: 1 });
  });

  test('has a place when it is full for a user whose oldest session goes', async () => {
    const store = new MemorySessionStore({ ...full, sessionsPerUserMax: 3 }, new ManualClock());
    for (let n = 0; n < 5; n += 1) {
      expect(await login(store, 'a')).toMatchObject({ kind: 'created' });
    }
    expect(await store.count()).toEqual({ kind: 'counted', count: 3 });
  });

  test('ends nothing for a login that it then refuses', async () => {
    const store = new MemorySessionStore(full, new ManualClock());
    for (const subject of ['a', 'a', 'b']) await login(store, subject);
    await login(store, 'c');
    expect(await store.listOf('main', 'a')).toMatchObject({ sessions: [{}, {}] });
  });

  test('lets others in while it sweeps many', async () => {
    const clock = new ManualClock();
    const config = sessionsConfigOf({ store: { type: 'memory', sessionsMax: 50_000 } });
    const store = new MemorySessionStore(config, clock);
    for (let n = 0; n < 12_000; n += 1) await login(store, `user${String(n)}`);
    clock.advance(config.absoluteTimeoutMs);
    const sweeping = store.sweep();
    let turns = 0;
    let isSwept = false;
    void sweeping.then(() => (isSwept = true));
    while (!isSwept) {
      await new Promise(setImmediate);
      turns += 1;
    }
    expect(turns).toBeGreaterThan(1);
    expect(await sweeping).toEqual({ kind: 'counted', count: 12_000 });
    expect(await store.count()).toEqual({ kind: 'counted', count: 0 });
  });

  test('keeps a session that is created while it sweeps, and finds it when its time has come', async () => {
    const clock = new ManualClock();
    const config = sessionsConfigOf({ store: { type: 'memory', sessionsMax: 50_000 } });
    const store = new MemorySessionStore(config, clock);
    for (let n = 0; n < 6_000; n += 1) await login(store, `user${String(n)}`);
    clock.advance(config.absoluteTimeoutMs);
    const sweeping = store.sweep();
    expect(await login(store, 'late')).toMatchObject({ kind: 'created' });
    await sweeping;
    expect(await store.count()).toEqual({ kind: 'counted', count: 1 });
    clock.advance(config.absoluteTimeoutMs);
    expect(await store.sweep()).toEqual({ kind: 'counted', count: 1 });
  });
});
