import { describe, expect, test } from 'vitest';
import { principalNamed } from '../../support/session-parts.ts';
import { actorOf, SessionsScene } from './sessions-scene.ts';

describe('ending a session', () => {
  test('ends it under all its tokens, and no other session of the user', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    const second = scene.sessions.issueToken(live);
    const other = await scene.open();
    expect(await scene.sessions.end(live)).toBe('ended');
    for (const one of [token, second]) {
      expect(scene.sessions.peek(one, scene.clock.now())).toBeUndefined();
      expect(scene.sessions.resolve(one)).toEqual({ kind: 'none', reason: 'revoked' });
    }
    expect(await scene.ask(other.token)).toBe('valid');
    expect(scene.sessions.counters.revoked).toBe(1);
  });

  test('ends a token too that this worker has never seen', async () => {
    const scene = new SessionsScene();
    const { live } = await scene.open();
    const unseen = scene.tokens.seal(live.session.id);
    await scene.sessions.end(live);
    expect(await scene.ask(unseen)).toBe('revoked');
    expect(await scene.ask(unseen, scene.addWorker())).toBe('revoked');
  });

  test('refuses it in the turn of the call, before the store has answered', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    scene.store.held.add('revoke');
    const ending = scene.sessions.end(live);
    expect(scene.sessions.peek(token, scene.clock.now())).toBeUndefined();
    expect(scene.sessions.resolve(token)).toEqual({ kind: 'none', reason: 'revoked' });
    expect(scene.sessions.holds(live, scene.clock.now())).toBe(false);
    scene.store.release();
    expect(await ending).toBe('ended');
  });

  test('twice is ending once', async () => {
    const scene = new SessionsScene();
    const { live } = await scene.open();
    expect(await scene.sessions.end(live)).toBe('ended');
    expect(await scene.sessions.end(live)).toBe('ended');
    expect(scene.sessions.counters.revoked).toBe(1);
  });

  test('a second time waits for the first', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    scene.store.held.add('revoke');
    const deeds: string[] = [];
    const first = scene.sessions.end(live).then(() => deeds.push('first'));
    const second = scene.sessions.confirmEnd(token).then(() => deeds.push('second'));
    await new Promise(setImmediate);
    expect(deeds).toEqual([]);
    scene.store.release();
    await Promise.all([first, second]);
    expect(deeds).toEqual(['first', 'second']);
    expect(scene.store.countOf('revoke')).toBe(1);
  });

  test('that another worker ended is confirmed by the store, and a token that opens nothing by nobody', async () => {
    const scene = new SessionsScene();
    const { live, token } = await scene.open();
    await scene.addWorker().end(live);
    expect(await scene.sessions.confirmEnd(token)).toBe('ended');
    expect(await scene.sessions.confirmEnd(token)).toBe('ended');
    expect(scene.store.countOf('revoke')).toBe(1);
    expect(await scene.sessions.confirmEnd('forged')).toBe('ended');
    expect(scene.store.countOf('revoke')).toBe(1);
  });

  test('cannot be undone by a read that was under way', async () => {
    const scene = new SessionsScene({ cacheEntriesMax: 1 });
    const { live, token } = await scene.open();
    await scene.open('user2');
    scene.store.held.add('read');
    const resolving = scene.sessions.resolve(token);
    await new Promise(setImmediate);
    await scene.sessions.end(live);
    scene.store.release();
    expect(await resolving).toEqual({ kind: 'none', reason: 'revoked' });
    expect(scene.sessions.peek(token, scene.clock.now())).toBeUndefined();
    expect(await scene.ask(token)).toBe('revoked');
  });

  test('is noticed by a request whose read has just been filled in', async () => {
    const scene = new SessionsScene({ cacheEntriesMax: 1 });
    const { live, token } = await scene.open();
    await scene.open('user2');
    let ending: Promise<unknown> = Promise.resolve();
    scene.onDescribe = () =>
      queueMicrotask(() => {
        ending = scene.sessions.end(live);
      });
    expect(await scene.sessions.resolve(token)).toEqual({ kind: 'none', reason: 'revoked' });
    await ending;
  });

  test('is noticed by a request that waits with a session that has left the cache', async () => {
    const scene = new SessionsScene({ cacheEntriesMax: 1 });
    const { live } = await scene.open();
    await scene.open('user2');
    // Nobody tells a copy that left: it is looked at again, and good.
    expect(scene.sessions.holds(live, scene.clock.now())).toBe(false);
    expect(await scene.sessions.review(live)).toMatchObject({ kind: 'valid' });
    await scene.sessions.end(live);
    expect(scene.sessions.holds(live, scene.clock.now())).toBe(false);
    expect(await scene.sessions.review(live)).toEqual({ kind: 'none', reason: 'revoked' });
    scene.sessions.touch(live, scene.clock.now());
    await scene.sessions.flush();
    expect(await scene.sessions.count()).toBe(1);
  });

  test('of all sessions of a user ends those and nobody else’s', async () => {
    const scene = new SessionsScene();
    const own = [await scene.open(), await scene.open()];
    const other = await scene.open('user2');
    expect(await scene.sessions.endAllOf('main', 'user1')).toMatchObject({
      kind: 'ended',
      count: 2,
    });
    for (const { token } of own) expect(await scene.ask(token)).toBe('revoked');
    expect(await scene.ask(other.token)).toBe('valid');
    expect(await scene.sessions.endAllOf('main', 'user1')).toMatchObject({
      kind: 'ended',
      count: 0,
    });
    expect(await scene.sessions.endAllOf('main', 'nosuch')).toMatchObject({
      kind: 'ended',
      count: 0,
    });
  });

  test('of all sessions of a user overtakes a login that had begun', async () => {
    const scene = new SessionsScene();
    const since = await scene.sessions.revocationNumber();
    if (since.kind !== 'number') throw new Error(since.kind);
    await scene.sessions.endAllOf('main', 'user1');
    const late = await scene.sessions.open(principalNamed('user1'), null, since.number);
    expect(late).toEqual({ kind: 'unavailable', reason: 'overtaken' });
    const other = await scene.sessions.open(principalNamed('user2'), null, since.number);
    expect(other.kind).toBe('opened');
  });

  test('of all sessions of a user ends one whose creation is being answered', async () => {
    const scene = new SessionsScene();
    scene.store.held.add('create');
    const opening = scene.sessions.open(principalNamed('user1'), null);
    await new Promise(setImmediate);
    const ending = scene.sessions.endAllOf('main', 'user1');
    await new Promise(setImmediate);
    scene.store.release();
    expect(await ending).toMatchObject({ kind: 'ended', count: 1 });
    expect(await opening).toEqual({ kind: 'unavailable', reason: 'overtaken' });
    expect(scene.sessions.cached.size).toBe(0);
  });

  test('is reported by nobody before this worker knows of all that ended', async () => {
    const scene = new SessionsScene();
    const admin = await scene.open('admin');
    const { token } = await scene.open('user1', admin.live);
    scene.store.held.add('revokeUser');
    const first = scene.sessions.endAllOf('main', 'user1');
    await new Promise(setImmediate);
    scene.store.held.clear();
    let isReported = false;
    const second = scene.sessions.endAllOf('main', 'user1').then((ending) => {
      isReported = true;
      return ending;
    });
    await new Promise(setImmediate);
    expect([isReported, await scene.ask(token)]).toEqual([false, 'valid']);
    scene.store.release();
    expect([await first, await second]).toMatchObject([
      { kind: 'ended', count: 1 },
      { kind: 'ended', count: 0 },
    ]);
    expect(await scene.ask(token)).toBe('revoked');
  });

  test('happens to the oldest when a user logs in too often', async () => {
    const scene = new SessionsScene();
    const opened = [];
    for (let n = 0; n <= scene.config.sessionsPerUserMax; n += 1) {
      opened.push(await scene.open());
      scene.clock.advance(1);
    }
    const states = await Promise.all(opened.map(({ token }) => scene.ask(token)));
    expect(states).toEqual(['revoked', 'valid', 'valid', 'valid', 'valid', 'valid']);
  });
});

describe('an impersonation', () => {
  test('is the target with the actor behind, and leaves the actor’s session alone', async () => {
    const scene = new SessionsScene();
    const admin = await scene.open('admin');
    const { live, token } = await scene.open('user1', admin.live);
    expect(live.session.principal.subject).toBe('user1');
    expect(live.session.actor).toMatchObject({ subject: 'admin', directory: 'main' });
    expect(JSON.stringify(live.session.actor)).not.toContain(admin.live.session.id);
    expect([await scene.ask(admin.token), await scene.ask(token)]).toEqual(['valid', 'valid']);
  });

  test('ends with the actor’s session, with the actor, and with the target', async () => {
    const ways: readonly ((
      scene: SessionsScene,
      admin: Awaited<ReturnType<SessionsScene['open']>>,
    ) => Promise<unknown>)[] = [
      (scene, admin) => scene.sessions.end(admin.live),
      (scene) => scene.sessions.endAllOf('main', 'admin'),
      (scene) => scene.sessions.endAllOf('main', 'user1'),
    ];
    for (const end of ways) {
      const scene = new SessionsScene();
      const admin = await scene.open('admin');
      const { token } = await scene.open('user1', admin.live);
      const bystander = await scene.open('user2');
      await end(scene, admin);
      expect(scene.sessions.resolve(token)).toEqual({ kind: 'none', reason: 'revoked' });
      expect(await scene.ask(bystander.token)).toBe('valid');
    }
  });

  test('is refused in the turn in which the actor’s session ends, store or no store', async () => {
    const scene = new SessionsScene();
    const admin = await scene.open('admin');
    const { live, token } = await scene.open('user1', admin.live);
    scene.store.mood = 'silent';
    const ending = scene.sessions.end(admin.live);
    expect(scene.sessions.resolve(token)).toEqual({ kind: 'none', reason: 'revoked' });
    expect(scene.sessions.holds(live, scene.clock.now())).toBe(false);
    expect(await ending).toBe('unavailable');
  });

  test('is not opened from a session that has ended, nor from an impersonation', async () => {
    const scene = new SessionsScene();
    const admin = await scene.open('admin');
    const impersonation = await scene.open('user1', admin.live);
    const refused = { kind: 'unavailable', reason: 'actorEnded' };
    const target = principalNamed('user2');
    expect(await scene.sessions.open(target, actorOf(impersonation.live))).toEqual(refused);
    await scene.sessions.end(admin.live);
    expect(await scene.sessions.open(target, actorOf(admin.live))).toEqual(refused);
  });

  test('lasts no longer than the actor’s session could', async () => {
    const scene = new SessionsScene();
    const admin = await scene.open('admin');
    for (let n = 0; n < 5; n += 1) {
      await scene.pass(2_000);
      await scene.ask(admin.token);
    }
    const { live } = await scene.open('user1', admin.live);
    expect(live.session.absoluteDeadlineMs).toBe(admin.live.session.absoluteDeadlineMs);
  });
});
