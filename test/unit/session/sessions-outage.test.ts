import { describe, expect, test } from 'vitest';
import type { LiveSession } from '../../../src/session/live-session.ts';
import { idsPerEntryMax } from '../../../src/session/log-entry.ts';
import { sessionKeyOf } from '../../../src/session/session.ts';
import { principalNamed } from '../../support/session-parts.ts';
import { SessionsScene } from './sessions-scene.ts';

describe.each(['silent', 'throwing'] as const)('while the store is %s', (mood) => {
  test('a session that is not in the cache is unavailable, never none', async () => {
    const scene = new SessionsScene({ cacheEntriesMax: 1 });
    const { token } = await scene.open();
    await scene.open('user2');
    scene.store.mood = mood;
    expect(await scene.ask(token)).toBe('unavailable');
    scene.store.mood = 'fine';
    expect(await scene.ask(token)).toBe('valid');
  });

  test('a cached session that looks idle is unavailable, and back afterwards', async () => {
    const scene = new SessionsScene();
    const { token } = await scene.open();
    const worker = scene.addWorker();
    await scene.pass(2_000);
    await scene.ask(token, worker);
    await worker.flush();
    scene.clock.advance(1_000);
    scene.store.mood = mood;
    expect(await scene.ask(token)).toBe('unavailable');
    scene.store.mood = 'fine';
    expect(await scene.ask(token)).toBe('valid');
  });

  test('a forged token is refused all the same', async () => {
    const scene = new SessionsScene();
    scene.store.mood = mood;
    expect(await scene.ask('forged')).toBe('malformed');
  });

  test('nothing opens, lists or counts, and everything says so', async () => {
    const scene = new SessionsScene();
    const { live } = await scene.open();
    scene.store.mood = mood;
    const { sessions } = scene;
    expect(await sessions.open(principalNamed('user1'), null)).toEqual({
      kind: 'unavailable',
      reason: 'silent',
    });
    expect(await sessions.endAllOf('main', 'user1')).toEqual({ kind: 'unavailable' });
    expect(await sessions.listOf('main', 'user1')).toEqual({ kind: 'unavailable' });
    expect(await sessions.revocationNumber()).toMatchObject({ kind: 'unavailable' });
    expect(await sessions.count()).toBeNaN();
    expect(await sessions.end(live)).toBe('unavailable');
    await sessions.sweep();
    await sessions.stop();
    expect(sessions.counters.storeFailures).toBeGreaterThan(6);
    expect(scene.storeErrors.length > 0).toBe(mood === 'throwing');
  });

  test('a session that is ended is refused here at once, and everywhere when the store is back', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    scene.store.mood = mood;
    expect(await scene.sessions.end(live)).toBe('unavailable');
    expect(scene.sessions.resolve(token)).toEqual({ kind: 'none', reason: 'revoked' });
    await scene.sessions.flush();
    expect(await scene.ask(token, scene.addWorker())).toBe('valid');
    scene.store.mood = 'fine';
    await scene.sessions.flush();
    expect(await scene.ask(token, scene.addWorker())).toBe('revoked');
    const calls = scene.store.countOf('revoke');
    await scene.sessions.flush();
    expect(scene.store.countOf('revoke')).toBe(calls);
  });

  test('an end that is asked for again is not said to be one before the store has heard of it', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    scene.store.mood = mood;
    expect(await scene.sessions.end(live)).toBe('unavailable');
    expect(await scene.sessions.confirmEnd(token)).toBe('unavailable');
    scene.store.mood = 'fine';
    expect(await scene.sessions.confirmEnd(token)).toBe('ended');
    expect(await scene.ask(token, scene.addWorker())).toBe('revoked');
    const calls = scene.store.countOf('revoke');
    await scene.sessions.flush();
    expect(await scene.sessions.confirmEnd(token)).toBe('ended');
    expect(scene.store.countOf('revoke')).toBe(calls);
  });

  test('many ends that were not heard of are told again in portions, by one at a time', async () => {
    const scene = new SessionsScene();
    const lives: LiveSession[] = [];
    for (let n = 0; n < idsPerEntryMax + 1; n += 1) {
      lives.push((await scene.open(`user${String(n)}`)).live);
    }
    scene.store.mood = mood;
    for (const live of lives) await scene.sessions.end(live);
    scene.store.mood = 'fine';
    const calls = scene.store.countOf('revoke');
    await Promise.all([scene.sessions.flush(), scene.sessions.flush()]);
    expect(scene.store.countOf('revoke')).toBe(calls + 2);
    expect(await scene.sessions.count()).toBe(0);
  });
});

test('a full store refuses the login and says why', async () => {
  const scene = new SessionsScene({ store: { type: 'memory', sessionsMax: 1 } });
  await scene.open();
  expect(await scene.sessions.open(principalNamed('user2'), null)).toEqual({
    kind: 'unavailable',
    reason: 'full',
  });
});

test('an error while a session is described opens nothing', async () => {
  const scene = new SessionsScene();
  const { token } = await scene.open();
  const worker = scene.addWorker();
  scene.describeFault = new Error('cannot be described');
  await expect(worker.resolve(token)).rejects.toThrow('cannot be described');
  expect(worker.peek(token, scene.clock.now())).toBeUndefined();
  expect(worker.cached.size).toBe(0);
  scene.describeFault = null;
  expect(await scene.ask(token, worker)).toBe('valid');
});

test('sessions that the store was told to end, and perhaps did, are refused and ended again', async () => {
  const scene = new SessionsScene();
  const { live, token } = await scene.open();
  const { revokeUser } = scene.store;
  const named = [sessionKeyOf(live.session.id)];
  scene.store.revokeUser = () => Promise.resolve({ kind: 'unavailable', reason: 'silent', named });
  expect(await scene.sessions.endAllOf('main', 'user1')).toEqual({ kind: 'unavailable' });
  scene.store.revokeUser = revokeUser;
  expect(await scene.ask(token)).toBe('revoked');
  const worker = scene.addWorker();
  expect(await scene.ask(token, worker)).toBe('valid');
  await scene.sessions.flush();
  expect(await scene.ask(token, scene.addWorker())).toBe('revoked');
});
