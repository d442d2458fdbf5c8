import { describe, expect, test } from 'vitest';
import { SessionsScene } from './sessions-scene.ts';

describe('idle sessions', () => {
  test('live as long as somebody asks in time, and end when nobody does', async () => {
    const scene = new SessionsScene();
    const { token } = await scene.open();
    for (let n = 0; n < 4; n += 1) {
      await scene.pass(2_000);
      expect(await scene.ask(token)).toBe('valid');
    }
    await scene.pass(4_000);
    expect(await scene.ask(token)).toBe('unknown');
  });

  test('are kept alive by nobody who only looks on', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    expect((await scene.sessions.look(token)).kind).toBe('valid');
    for (let n = 0; n < 2; n += 1) {
      scene.clock.advance(1_400);
      expect((await scene.sessions.look(token)).kind).toBe('valid');
    }
    scene.clock.advance(200);
    expect(await scene.sessions.look(token)).toMatchObject({ kind: 'none', reason: 'expired' });
    expect(await scene.sessions.look('nothing')).toMatchObject({ kind: 'none' });
    const other = await scene.open();
    await scene.sessions.end(other.live);
    expect(await scene.sessions.look(other.token)).toMatchObject({ reason: 'revoked' });
    expect(live.session.lastSeenAtMs).toBe(live.session.createdAtMs);
  });

  test('end to the millisecond, whether or not the store was told meanwhile', async () => {
    for (const doesPass of [true, false]) {
      for (const seenAfterMs of [1, 200, 1_000, 1_111, 2_999]) {
        const scene = new SessionsScene();
        const { token } = await scene.open();
        const go = (ms: number): Promise<void> =>
          doesPass ? scene.pass(ms) : Promise.resolve(scene.clock.advance(ms));
        await go(seenAfterMs);
        expect(await scene.ask(token)).toBe('valid');
        await go(2_999);
        expect(await scene.ask(token)).toBe('valid');
        await go(3_000);
        expect(await scene.ask(token)).toBe('expired');
        expect(await scene.ask(token)).not.toBe('valid');
      }
    }
  });

  test('end no earlier for having been dropped from the cache', async () => {
    const scene = new SessionsScene({ cacheEntriesMax: 1 });
    const { token } = await scene.open();
    scene.clock.advance(2_000);
    expect(await scene.ask(token)).toBe('valid');
    await scene.open('user2');
    expect(scene.sessions.counters.evictions).toBe(1);
    scene.clock.advance(2_000);
    expect(await scene.ask(token)).toBe('valid');
  });

  test('are read again before they are refused: another worker may have seen them', async () => {
    const scene = new SessionsScene();
    const { token } = await scene.open();
    const worker = scene.addWorker();
    await scene.ask(token, worker);
    await scene.pass(2_000);
    expect(await scene.ask(token, worker)).toBe('valid');
    await worker.flush();
    scene.clock.advance(2_000);
    expect(scene.sessions.peek(token, scene.clock.now())).toBeUndefined();
    const reads = scene.store.countOf('read');
    expect(await scene.ask(token)).toBe('valid');
    expect(scene.store.countOf('read')).toBe(reads + 1);
    expect(scene.sessions.peek(token, scene.clock.now())).toBeDefined();
  });

  test('are known to another worker by when they were last seen, due touch or not', async () => {
    const scene = new SessionsScene();
    const { token } = await scene.open();
    await scene.pass(290);
    scene.sessions.peek(token, scene.clock.now());
    await scene.pass(2_900);
    const worker = scene.addWorker();
    expect(await scene.ask(token, worker)).toBe('valid');
  });

  test('are told to the store when the worker stops', async () => {
    const scene = new SessionsScene();
    const { token } = await scene.open();
    scene.clock.advance(100);
    await scene.ask(token);
    await scene.sessions.stop();
    scene.clock.advance(2_950);
    expect(await scene.ask(token, scene.addWorker())).toBe('valid');
  });
});

describe('the absolute deadline', () => {
  test('ends the busiest session, without asking the store', async () => {
    const scene = new SessionsScene();
    const { token } = await scene.open();
    for (let ms = 0; ms < 19_000; ms += 1_000) {
      await scene.pass(1_000);
      expect(await scene.ask(token)).toBe('valid');
    }
    scene.clock.advance(999);
    expect(await scene.ask(token)).toBe('valid');
    scene.clock.advance(1);
    const calls = scene.store.calls.length;
    expect(scene.sessions.peek(token, scene.clock.now())).toBeUndefined();
    expect(scene.sessions.resolve(token)).toEqual({ kind: 'none', reason: 'expired' });
    expect(scene.store.calls).toHaveLength(calls);
    expect(await scene.ask(token)).toBe('expired');
  });
});

describe('touches', () => {
  test('are due once per interval', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    let due = 0;
    for (let n = 0; n < 300; n += 1) {
      scene.clock.advance(10);
      const nowMs = scene.clock.now();
      scene.sessions.peek(token, nowMs);
      if (scene.sessions.isTouchDue(live, nowMs)) {
        scene.sessions.touch(live, nowMs);
        due += 1;
        expect(scene.sessions.isTouchDue(live, nowMs)).toBe(false);
      }
      await scene.sessions.flush();
    }
    expect(due).toBe(10);
    expect(scene.store.countOf('touch')).toBeLessThanOrEqual(11);
  });

  test('wait for no store, and are kept while it is out', async () => {
    const scene = new SessionsScene();
    const { token } = await scene.open();
    scene.store.mood = 'silent';
    scene.clock.advance(2_000);
    expect(await scene.ask(token)).toBe('valid');
    await scene.sessions.flush();
    scene.clock.advance(1_200);
    scene.store.mood = 'fine';
    await scene.sessions.flush();
    expect(await scene.ask(token, scene.addWorker())).toBe('valid');
  });

  test('drop a session that the store has not any more', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    await scene.addWorker().endAllOf('main', 'user1');
    scene.clock.advance(1_000);
    expect(await scene.ask(token)).toBe('valid');
    await scene.sessions.flush();
    expect(await scene.ask(token)).toBe('revoked');
    expect(scene.sessions.holds(live, scene.clock.now())).toBe(false);
  });

  test('are not taken back by a clock that is set back', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    scene.clock.advance(2_000);
    await scene.ask(token);
    const seenAtMs = live.session.lastSeenAtMs;
    scene.clock.setBack(1_500);
    expect(await scene.ask(token)).toBe('valid');
    expect(live.session.lastSeenAtMs).toBe(seenAtMs);
  });
});
