import { describe, expect, test, vi } from 'vitest';
import { createSessionId, sessionHandleOf, sessionKeyOf } from '../../../src/session/session.ts';
import { principalNamed } from '../../support/session-parts.ts';
import { SessionsScene } from './sessions-scene.ts';

describe('a session that was opened', () => {
  test('is found by its token, without asking the store', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    const calls = scene.store.calls.length;
    expect(scene.sessions.peek(token, scene.clock.now())).toBe(live);
    expect(scene.sessions.resolve(token)).toEqual({ kind: 'valid', live });
    expect(scene.store.calls).toHaveLength(calls);
    expect(scene.sessions.counters).toMatchObject({ opened: 1, hits: 2, misses: 0 });
  });

  test('has what the contract of a session says', async () => {
    const scene = new SessionsScene();
    const nowMs = scene.clock.now();
    const { live, token } = await scene.open();
    const { session } = live;
    expect(session.id).toMatch(/^00[0-9a-f]{30}$/);
    expect(session.handle).toBe(sessionHandleOf(sessionKeyOf(session.id)));
    expect(scene.tokens.open(token)).toBe(session.id);
    expect(session.principal).toEqual(principalNamed('user1'));
    expect(session.actor).toBeNull();
    expect(session.createdAtMs).toBe(nowMs);
    expect(session.lastSeenAtMs).toBe(nowMs);
    expect(session.absoluteDeadlineMs).toBe(nowMs + scene.config.absoluteTimeoutMs);
    expect(session.version).toBe(1);
    expect(live.identityFields).toBe('X-UserInfo: user1\r\n');
    expect(live.lastTouchedAtMs).toBe(nowMs);
  });

  test('is another one at each login of the same user', async () => {
    const scene = new SessionsScene();
    const [one, other] = [await scene.open(), await scene.open()];
    expect(one.live.session.id).not.toBe(other.live.session.id);
    expect(one.live.session.handle).not.toBe(other.live.session.handle);
    expect(one.token).not.toBe(other.token);
    expect([await scene.ask(one.token), await scene.ask(other.token)]).toEqual(['valid', 'valid']);
  });

  test('is good under every token issued for it', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    const tokens = Array.from({ length: 10 }, () => scene.sessions.issueToken(live));
    for (const one of [token, ...tokens]) {
      expect(scene.sessions.resolve(one)).toEqual({ kind: 'valid', live });
      expect(scene.sessions.peek(one, scene.clock.now())).toBe(live);
    }
    expect(scene.described).toBe(1);
    expect(scene.store.countOf('read')).toBe(0);
  });

  test('is read once for all requests that wait for it, and under each of their tokens', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    const tokens = [token, scene.sessions.issueToken(live), scene.sessions.issueToken(live)];
    const worker = scene.addWorker();
    const answers = await Promise.all(
      tokens.flatMap((one) => [one, one]).map(async (one) => worker.resolve(one)),
    );
    expect(answers.map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => 'valid'));
    expect(worker.counters).toMatchObject({ storeCalls: 1, fills: 1, misses: 6 });
    const nowMs = scene.clock.now();
    const found = new Set(tokens.map((one) => worker.peek(one, nowMs)));
    expect(found.size).toBe(1);
    expect(found.has(undefined)).toBe(false);
  });

  test('is not believed on the word of a worker with other keys', async () => {
    const scene = new SessionsScene();
    const { token } = await scene.open();
    const stranger = new SessionsScene();
    expect(await stranger.ask(token)).toBe('forged');
  });
});

describe('what is no session', () => {
  test('is told at once and never to the store, however much of it comes', async () => {
    const scene = new SessionsScene();
    const { token } = await scene.open();
    const calls = scene.store.calls.length;
    const mangled = `${token.slice(0, -30)}${'A'.repeat(7)}${token.slice(-23)}`;
    expect(scene.sessions.resolve(mangled)).toEqual({ kind: 'none', reason: 'forged' });
    for (const text of ['', 'x', 'tyke_auth', token.slice(1), `${token}=`, 'A'.repeat(5_000)]) {
      expect(scene.sessions.resolve(text)).toEqual({ kind: 'none', reason: 'malformed' });
    }
    const flood = new SessionsScene();
    for (let n = 0; n < 2_000; n += 1) {
      const forged = flood.tokens.seal(createSessionId());
      expect(scene.sessions.peek(forged, scene.clock.now())).toBeUndefined();
      expect(scene.sessions.resolve(forged)).toEqual({ kind: 'none', reason: 'forged' });
    }
    expect(scene.store.calls).toHaveLength(calls);
    expect(scene.sessions.counters).toMatchObject({ forged: 2_007, misses: 0 });
    expect(scene.sessions.cached.size).toBe(1);
  });

  test('is looked up each time where the token is ours, and takes no place in the cache', async () => {
    const scene = new SessionsScene();
    const token = scene.tokens.seal(createSessionId());
    expect(await scene.ask(token)).toBe('unknown');
    expect(await scene.ask(token)).toBe('unknown');
    expect(scene.store.countOf('read')).toBe(2);
    expect(scene.sessions.cached.size).toBe(0);
  });
});

describe('the cache in front of the store', () => {
  test('is bounded; what was dropped is read again', async () => {
    const scene = new SessionsScene({ cacheEntriesMax: 3 });
    const opened = [];
    for (let n = 0; n < 5; n += 1) opened.push(await scene.open(`user${String(n)}`));
    expect(scene.sessions.cached.size).toBe(3);
    expect(scene.sessions.counters.evictions).toBe(2);
    for (const { token } of opened) expect(await scene.ask(token)).toBe('valid');
    expect(scene.sessions.counters.misses).toBeGreaterThanOrEqual(2);
  });

  test('holds no longer than the session, and its sweep leaves nothing', async () => {
    const scene = new SessionsScene();
    for (let n = 0; n < 50; n += 1) await scene.open(`user${String(n)}`);
    expect(await scene.sessions.count()).toBe(50);
    await scene.pass(scene.config.idleTimeoutMs + 2 * scene.config.touchIntervalMs);
    expect(scene.sessions.cached.size).toBe(0);
    expect(await scene.sessions.count()).toBe(0);
    expect(scene.sessions.counters.expired).toBe(50);
  });

  test('starts timers that keep no process alive, and stops them', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const scene = new SessionsScene();
      scene.sessions.start();
      scene.sessions.start();
      expect(vi.getTimerCount()).toBe(2);
      const { token } = await scene.open();
      scene.clock.advance(scene.config.touchIntervalMs);
      await scene.ask(token);
      await vi.advanceTimersByTimeAsync(scene.config.sweepIntervalMs);
      expect(scene.store.countOf('touch')).toBe(1);
      expect(scene.store.countOf('sweep')).toBe(1);
      await scene.sessions.stop();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('lists the sessions of a user without anything that lets one in', async () => {
    const scene = new SessionsScene();
    const admin = await scene.open('admin');
    const { live, token } = await scene.open('user1', admin.live);
    scene.clock.advance(1_000);
    scene.sessions.peek(token, scene.clock.now());
    const { handle, createdAtMs, absoluteDeadlineMs } = live.session;
    expect(await scene.sessions.listOf('main', 'user1')).toEqual({
      kind: 'listed',
      sessions: [
        {
          handle,
          principal: principalNamed('user1'),
          actor: { subject: 'admin', directory: 'main' },
          createdAtMs,
          absoluteDeadlineMs,
          lastSeenAtMs: scene.clock.now(),
        },
      ],
    });
  });
});
