import { describe, expect, test, vi } from 'vitest';
import { MemorySessionStore } from '../../../src/session/memory-session-store.ts';
import { SessionTimes } from '../../../src/session/session-times.ts';
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

  test('has a page of everybody without a look at everybody', async () => {
    const clock = new ManualClock();
    const config = sessionsConfigOf({ store: { type: 'memory', sessionsMax: 50_000 } });
    const store = new MemorySessionStore(config, clock);
    for (let n = 0; n < 5_000; n += 1) {
      await login(store, `user${String(n)}`);
      clock.advance(1);
    }
    const looks = vi.spyOn(SessionTimes.prototype, 'lastSeenAtMs', 'get');
    const page = await store.page(10, 51);
    const count = looks.mock.calls.length;
    looks.mockRestore();
    const names = page.kind === 'listed' ? page.sessions.map((one) => one.principal.subject) : [];
    expect([names.length, names[0], names.at(-1)]).toEqual([51, 'user4989', 'user4939']);
    expect(count).toBeLessThan(500);
  });

  test('keeps the order of pages through touches in any order, endings and sweeps', async () => {
    const clock = new ManualClock();
    const config = sessionsConfigOf({ store: { type: 'memory', sessionsMax: 50_000 } });
    const store = new MemorySessionStore(config, clock);
    const seen = new Map<string, number>();
    for (let n = 0; n < 60; n += 1) {
      const made = await login(store, `user${String(n)}`);
      if (made.kind === 'created') seen.set(made.session.key, made.session.lastSeenAtMs);
      clock.advance(1);
    }
    const keys = [...seen.keys()];
    for (let round = 0; round < 20; round += 1) {
      clock.advance(7);
      const touches = keys
        .filter((_, n) => (n * 7 + round) % 3 === 0)
        .map((key, n) => ({ key, lastSeenAtMs: clock.now() - ((n * 5 + round) % 11) }));
      await store.touch([...touches, ...touches.slice(0, 3)]);
      for (const { key, lastSeenAtMs } of touches) {
        seen.set(key, Math.max(seen.get(key) ?? 0, lastSeenAtMs));
      }
      const gone = keys.pop() ?? '';
      await store.revoke([gone]);
      seen.delete(gone);
      const page = await store.page(0, 100);
      const times = page.kind === 'listed' ? page.sessions.map((one) => one.lastSeenAtMs) : [];
      expect(times).toEqual([...seen.values()].toSorted((a, b) => b - a));
    }
  });
});
