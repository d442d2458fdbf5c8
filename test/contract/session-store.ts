import { describe, expect, test } from 'vitest';
import type { SessionsConfig } from '../../src/config/sessions.ts';
import { createSessionId, sessionKeyOf } from '../../src/session/session.ts';
import type { ActorRecord } from '../../src/session/session.ts';
import type { SessionStore, StoredSession } from '../../src/session/session-store.ts';
import { principalNamed, sessionsConfigOf } from '../support/session-parts.ts';

export interface SessionStoreFixture extends AsyncDisposable {
  readonly store: SessionStore;
}

/**
 * What holds for every session store. Each adapter's test calls this with a way to make an empty one and a way to let
 * time pass for all that were made.
 */
export function testSessionStore(
  title: string,
  make: (config: SessionsConfig) => Promise<SessionStoreFixture>,
  fastForward: (ms: number) => Promise<void>,
): void {
  describe(`${title}, as every session store,`, () => {
    testRecords(make);
    testTime(make, fastForward);
    testLateTouches(make, fastForward);
    testRevocation(make, fastForward);
    testUsers(make, fastForward);
    testImpersonation(make, fastForward);
    testEverybody(make, fastForward);
  });
}

type Make = (config: SessionsConfig) => Promise<SessionStoreFixture>;
type FastForward = (ms: number) => Promise<void>;

const config = sessionsConfigOf();

function newKey(): string {
  return sessionKeyOf(createSessionId());
}

async function create(
  store: SessionStore,
  subject = 'user1',
  actor: ActorRecord | null = null,
): Promise<StoredSession> {
  const principal = principalNamed(subject);
  const answer = await store.create({ key: newKey(), principal, actor, since: null });
  if (answer.kind !== 'created') throw new Error(`not created: ${answer.kind}`);
  return answer.session;
}

function actorOf(session: StoredSession): ActorRecord {
  const { subject, directory } = session.principal;
  return { subject, directory, sessionKey: session.key };
}

async function stateOf(store: SessionStore, { key }: StoredSession): Promise<string> {
  const answer = await store.read(key);
  return answer.kind === 'none' ? answer.reason : answer.kind;
}

async function countOf(store: SessionStore): Promise<number> {
  const answer = await store.count();
  return answer.kind === 'counted' ? answer.count : NaN;
}

function testRecords(make: Make): void {
  test('reads back what was created', async () => {
    await using fixture = await make(config);
    const session = await create(fixture.store);
    expect(session).toMatchObject({ principal: principalNamed('user1'), actor: null });
    expect(session.lastSeenAtMs).toBe(session.createdAtMs);
    expect(session.absoluteDeadlineMs - session.createdAtMs).toBe(config.absoluteTimeoutMs);
    expect(await fixture.store.read(session.key)).toEqual({ kind: 'live', session });
    expect(await countOf(fixture.store)).toBe(1);
  });

  test('knows nothing of a key that it was never given', async () => {
    await using fixture = await make(config);
    expect(await fixture.store.read(newKey())).toEqual({ kind: 'none', reason: 'unknown' });
  });

  test('creates nothing under a key that is taken', async () => {
    await using fixture = await make(config);
    const { key } = await create(fixture.store);
    const again = { key, principal: principalNamed('other'), actor: null, since: null };
    expect(await fixture.store.create(again)).toEqual({ kind: 'refused', reason: 'taken' });
    const answer = await fixture.store.read(key);
    expect(answer.kind === 'live' && answer.session.principal.subject).toBe('user1');
  });

  test('gives away copies', async () => {
    await using fixture = await make(config);
    const session = await create(fixture.store);
    Object.assign(session, { lastSeenAtMs: 0, absoluteDeadlineMs: 0 });
    expect(await stateOf(fixture.store, session)).toBe('live');
  });
}

function testTime(make: Make, fastForward: FastForward): void {
  test('has no session that nobody used for the idle timeout', async () => {
    await using fixture = await make(config);
    const session = await create(fixture.store);
    await fastForward(config.idleTimeoutMs - 1);
    expect(await stateOf(fixture.store, session)).toBe('live');
    await fastForward(1);
    expect(await stateOf(fixture.store, session)).not.toBe('live');
  });

  test('counts the idle timeout from the latest touch', async () => {
    await using fixture = await make(config);
    const session = await create(fixture.store);
    await fastForward(2_000);
    const seenAtMs = session.createdAtMs + 2_000;
    const touches = [
      { key: session.key, lastSeenAtMs: seenAtMs },
      { key: session.key, lastSeenAtMs: session.createdAtMs + 1 },
    ];
    expect(await fixture.store.touch(touches)).toEqual({ kind: 'touched', gone: [], revoked: [] });
    await fastForward(config.idleTimeoutMs - 1);
    const answer = await fixture.store.read(session.key);
    expect(answer.kind === 'live' && answer.session.lastSeenAtMs).toBe(seenAtMs);
    await fastForward(1);
    expect(await stateOf(fixture.store, session)).not.toBe('live');
  });

  test('ends a session at its absolute deadline however busy it is', async () => {
    await using fixture = await make(config);
    const session = await create(fixture.store);
    for (let ms = 2_000; ms < config.absoluteTimeoutMs; ms += 2_000) {
      await fastForward(2_000);
      await fixture.store.touch([{ key: session.key, lastSeenAtMs: session.createdAtMs + ms }]);
      expect(await stateOf(fixture.store, session)).toBe('live');
    }
    await fastForward(2_000);
    const lastSeenAtMs = session.createdAtMs + config.absoluteTimeoutMs;
    const touched = await fixture.store.touch([{ key: session.key, lastSeenAtMs }]);
    expect(touched).toMatchObject({ kind: 'touched', gone: [session.key] });
    expect(await stateOf(fixture.store, session)).not.toBe('live');
  });

  test('has nothing left when all has expired and been swept', async () => {
    await using fixture = await make(config);
    await create(fixture.store);
    await create(fixture.store, 'user2', actorOf(await create(fixture.store, 'admin')));
    await fastForward(config.idleTimeoutMs + 2 * config.touchIntervalMs - 1);
    const kept = await create(fixture.store, 'user3');
    await fastForward(1);
    await fixture.store.sweep();
    expect(await countOf(fixture.store)).toBe(1);
    expect(await stateOf(fixture.store, kept)).toBe('live');
    await fastForward(config.absoluteTimeoutMs);
    await fixture.store.sweep();
    expect(await countOf(fixture.store)).toBe(0);
  });
}

function testLateTouches(make: Make, fastForward: FastForward): void {
  test('believes a touch that comes late, within two touch intervals', async () => {
    await using fixture = await make(config);
    const session = await create(fixture.store);
    await fastForward(config.idleTimeoutMs + 2 * config.touchIntervalMs - 1);
    await fixture.store.sweep();
    const lastSeenAtMs = session.createdAtMs + config.idleTimeoutMs - 1;
    await fixture.store.touch([{ key: session.key, lastSeenAtMs }]);
    expect(await stateOf(fixture.store, session)).toBe('live');
  });
}

function testRevocation(make: Make, fastForward: FastForward): void {
  test('has no session that was revoked, and says so', async () => {
    await using fixture = await make(config);
    const session = await create(fixture.store);
    const other = await create(fixture.store);
    expect(await fixture.store.revoke([session.key])).toMatchObject({
      kind: 'revoked',
      keys: [session.key],
      count: 1,
    });
    expect(await stateOf(fixture.store, session)).toBe('revoked');
    expect(await stateOf(fixture.store, other)).toBe('live');
  });

  test('revokes twice as once', async () => {
    await using fixture = await make(config);
    const { key } = await create(fixture.store);
    await fixture.store.revoke([key]);
    expect(await fixture.store.revoke([key])).toMatchObject({
      kind: 'revoked',
      keys: [key],
      count: 0,
    });
  });

  test('brings nothing back that was revoked: not by a touch, not by a create', async () => {
    await using fixture = await make(config);
    const session = await create(fixture.store);
    const { key } = session;
    await fixture.store.revoke([key]);
    await fastForward(config.absoluteTimeoutMs - 1_000);
    const lastSeenAtMs = session.createdAtMs + config.absoluteTimeoutMs - 1_000;
    expect(await fixture.store.touch([{ key, lastSeenAtMs }])).toEqual({
      kind: 'touched',
      gone: [],
      revoked: [key],
    });
    const again = { key, principal: session.principal, actor: null, since: null };
    expect(await fixture.store.create(again)).toEqual({ kind: 'refused', reason: 'taken' });
    expect(await stateOf(fixture.store, session)).toBe('revoked');
  });

  test('refuses a key from then on that was revoked before it was created', async () => {
    await using fixture = await make(config);
    const key = newKey();
    expect(await fixture.store.revoke([key])).toMatchObject({
      kind: 'revoked',
      keys: [key],
      count: 0,
    });
    const session = { key, principal: principalNamed('user1'), actor: null, since: null };
    expect(await fixture.store.create(session)).toEqual({ kind: 'refused', reason: 'taken' });
  });

  test('creates nothing by a touch', async () => {
    await using fixture = await make(config);
    const key = newKey();
    const touched = await fixture.store.touch([{ key, lastSeenAtMs: 0 }]);
    expect(touched).toEqual({ kind: 'touched', gone: [key], revoked: [] });
    expect(await countOf(fixture.store)).toBe(0);
  });
}

function testUsers(make: Make, fastForward: FastForward): void {
  test('ends every session of a user and of nobody else', async () => {
    await using fixture = await make(config);
    const sessions = [await create(fixture.store), await create(fixture.store)];
    const other = await create(fixture.store, 'user2');
    const answer = await fixture.store.revokeUser('main', 'user1', null);
    expect(answer).toMatchObject({ kind: 'revoked', count: 2 });
    expect(answer.kind === 'revoked' && answer.keys.toSorted()).toEqual(
      sessions.map(({ key }) => key).toSorted(),
    );
    for (const session of sessions) expect(await stateOf(fixture.store, session)).toBe('revoked');
    expect(await stateOf(fixture.store, other)).toBe('live');
    expect(await fixture.store.revokeUser('main', 'user1', null)).toMatchObject({
      keys: [],
      count: 0,
    });
  });

  test('tells users of the same name in two directories apart', async () => {
    await using fixture = await make(config);
    const session = await create(fixture.store, 'user1');
    expect(await fixture.store.revokeUser('mai', 'nuser1', null)).toMatchObject({ count: 0 });
    expect(await fixture.store.revokeUser('other', 'user1', null)).toMatchObject({ count: 0 });
    expect(await stateOf(fixture.store, session)).toBe('live');
  });

  test('lets the oldest go when a user has too many', async () => {
    await using fixture = await make(config);
    const sessions: StoredSession[] = [];
    for (let n = 0; n < config.sessionsPerUserMax; n += 1) {
      sessions.push(await create(fixture.store));
      await fastForward(1);
    }
    const other = await create(fixture.store, 'user2');
    const [oldest] = sessions;
    const session = { key: newKey(), principal: principalNamed('user1'), actor: null, since: null };
    const answer = await fixture.store.create(session);
    expect(answer).toMatchObject({ kind: 'created', revoked: [oldest?.key] });
    const states = await Promise.all(sessions.map((one) => stateOf(fixture.store, one)));
    expect(states).toEqual(['revoked', 'live', 'live', 'live', 'live']);
    expect(await stateOf(fixture.store, other)).toBe('live');
  });

  test('does not count sessions that have expired', async () => {
    await using fixture = await make(config);
    for (let n = 0; n < config.sessionsPerUserMax; n += 1) await create(fixture.store);
    await fastForward(config.idleTimeoutMs);
    const session = { key: newKey(), principal: principalNamed('user1'), actor: null, since: null };
    expect(await fixture.store.create(session)).toMatchObject({ kind: 'created', revoked: [] });
  });

  test('lists the sessions of a user, the newest first', async () => {
    await using fixture = await make(config);
    const expired = await create(fixture.store);
    await fastForward(config.idleTimeoutMs - 1);
    const first = await create(fixture.store);
    await fastForward(1);
    const second = await create(fixture.store);
    const revoked = await create(fixture.store);
    await fixture.store.revoke([revoked.key]);
    await create(fixture.store, 'user2');
    expect(await fixture.store.listOf('main', 'user1')).toEqual({
      kind: 'listed',
      sessions: [second, first],
    });
    expect(await stateOf(fixture.store, expired)).not.toBe('live');
  });

  test('refuses a login that began before all sessions of its user were ended', async () => {
    await using fixture = await make(config);
    const before = await fixture.store.revocationNumber();
    if (before.kind !== 'number') throw new Error('no number');
    await fixture.store.revokeUser('main', 'user1', null);
    const login = async (subject: string, since: number): Promise<string> => {
      const principal = principalNamed(subject);
      const answer = await fixture.store.create({ key: newKey(), principal, actor: null, since });
      return answer.kind === 'refused' ? answer.reason : answer.kind;
    };
    expect(await login('user1', before.number)).toBe('overtaken');
    expect(await login('user2', before.number)).toBe('created');
    const after = await fixture.store.revocationNumber();
    expect(await login('user1', after.kind === 'number' ? after.number : NaN)).toBe('created');
  });
}

function testImpersonation(make: Make, fastForward: FastForward): void {
  test('ends an impersonation with its actor’s session, with its actor and with its target', async () => {
    await using fixture = await make(config);
    const { store } = fixture;
    const ways: readonly ((admin: StoredSession) => Promise<unknown>)[] = [
      (admin) => store.revoke([admin.key]),
      () => store.revokeUser('main', 'admin', null),
      () => store.revokeUser('main', 'user1', null),
    ];
    for (const end of ways) {
      const admin = await create(store, 'admin');
      const impersonation = await create(store, 'user1', actorOf(admin));
      expect(impersonation.actor).toEqual(actorOf(admin));
      const answer = await end(admin);
      expect(answer).toMatchObject({ keys: expect.arrayContaining([impersonation.key]) });
      expect(await stateOf(store, impersonation)).toBe('revoked');
    }
  });

  test('lets the actor’s session live when only the impersonation ends', async () => {
    await using fixture = await make(config);
    const admin = await create(fixture.store, 'admin');
    const impersonation = await create(fixture.store, 'user1', actorOf(admin));
    const answer = await fixture.store.revoke([impersonation.key]);
    expect(answer).toMatchObject({ keys: [impersonation.key], count: 1 });
    expect(await stateOf(fixture.store, admin)).toBe('live');
  });

  test('opens an impersonation only from a live session of the actor', async () => {
    await using fixture = await make(config);
    const { store } = fixture;
    const opened = async (actor: ActorRecord): Promise<string> => {
      const principal = principalNamed('user1');
      const answer = await store.create({ key: newKey(), principal, actor, since: null });
      return answer.kind === 'refused' ? answer.reason : answer.kind;
    };
    const admin = await create(store, 'admin');
    expect(await opened({ ...actorOf(admin), subject: 'other' })).toBe('actorEnded');
    expect(await opened({ ...actorOf(admin), sessionKey: newKey() })).toBe('actorEnded');
    const impersonation = await create(store, 'user2', actorOf(admin));
    expect(await opened(actorOf(impersonation))).toBe('actorEnded');
    expect(await opened(actorOf(admin))).toBe('created');
    await fastForward(config.idleTimeoutMs);
    expect(await opened(actorOf(admin))).toBe('actorEnded');
    const revoked = await create(store, 'admin');
    await store.revoke([revoked.key]);
    expect(await opened(actorOf(revoked))).toBe('actorEnded');
  });

  test('ends an impersonation no later than its actor’s session, and within its own limit', async () => {
    const minute = 60_000;
    await using fixture = await make({
      ...config,
      idleTimeoutMs: 60 * minute,
      absoluteTimeoutMs: 60 * minute,
      impersonationTimeoutMs: 20 * minute,
    });
    const admin = await create(fixture.store, 'admin');
    const first = await create(fixture.store, 'user1', actorOf(admin));
    expect(first.absoluteDeadlineMs - first.createdAtMs).toBe(20 * minute);
    await fastForward(50 * minute);
    const second = await create(fixture.store, 'user1', actorOf(admin));
    expect(second.absoluteDeadlineMs).toBe(admin.absoluteDeadlineMs);
  });

  test('bounds how many impersonations one actor has', async () => {
    await using fixture = await make(config);
    const admin = await create(fixture.store, 'admin');
    const impersonations: StoredSession[] = [];
    for (let n = 0; n <= config.sessionsPerUserMax; n += 1) {
      impersonations.push(await create(fixture.store, `user${String(n)}`, actorOf(admin)));
    }
    const states = await Promise.all(impersonations.map((one) => stateOf(fixture.store, one)));
    expect(states).toEqual(['revoked', 'live', 'live', 'live', 'live', 'live']);
  });
}

function testEverybody(make: Make, fastForward: FastForward): void {
  test('lists everybody, those that were seen last first, a page at a time', async () => {
    await using fixture = await make(config);
    const { store } = fixture;
    const expired = await create(store, 'user0');
    await fastForward(config.idleTimeoutMs - 2);
    const [first, second] = [await create(store, 'user1'), await create(store, 'user2')];
    await fastForward(1);
    const third = await create(store, 'user3');
    await fastForward(1);
    await store.touch([{ key: first.key, lastSeenAtMs: first.createdAtMs + 2 }]);
    const page = async (skip: number, count: number): Promise<string[]> => {
      const answer = await store.page(skip, count);
      if (answer.kind !== 'listed') throw new Error(answer.kind);
      return answer.sessions.map(({ key }) => key);
    };
    expect(await page(0, 2)).toEqual([first.key, third.key]);
    expect(await page(2, 2)).toEqual([second.key]);
    expect(await page(0, 100)).not.toContain(expired.key);
  });

  test('fills a page with those that live, whoever has expired among them', async () => {
    const short = { ...config, impersonationTimeoutMs: 1_000 };
    await using fixture = await make(short);
    const { store } = fixture;
    const staff = await create(store, 'admin');
    const other = await create(store, 'user1');
    // It is over before those that were seen earlier.
    const acting = await create(store, 'user2', actorOf(staff));
    await store.touch([{ key: acting.key, lastSeenAtMs: acting.createdAtMs + 1 }]);
    await fastForward(1_000);
    const answer = await store.page(0, 2);
    const keys = answer.kind === 'listed' ? answer.sessions.map(({ key }) => key) : [];
    expect(keys.toSorted()).toEqual([staff.key, other.key].toSorted());
  });

  test('ends the sessions of everybody, and logins that are under way', async () => {
    await using fixture = await make(config);
    const { store } = fixture;
    const [one, other] = [await create(store, 'user1'), await create(store, 'user2')];
    const impersonation = await create(store, 'user1', actorOf(other));
    const before = await store.revocationNumber();
    const since = before.kind === 'number' ? before.number : NaN;
    const ended = await store.revokeAll();
    expect(ended).toMatchObject({ kind: 'revoked', keys: [], count: 3 });
    const number = ended.kind === 'revoked' ? (ended.commit?.entries[0]?.number ?? 0) : NaN;
    for (const session of [one, other, impersonation]) {
      expect(await stateOf(store, session)).toBe('revoked');
    }
    expect(await countOf(store)).toBe(0);
    const late = { principal: principalNamed('user3'), actor: null, since };
    expect(await store.create({ key: newKey(), ...late })).toMatchObject({ reason: 'overtaken' });
    const touched = await store.touch([{ key: one.key, lastSeenAtMs: one.createdAtMs + 1 }]);
    expect(touched).toEqual({ kind: 'touched', gone: [], revoked: [one.key] });
    expect(await store.revoke([one.key])).toMatchObject({ count: 0 });
    // Whoever comes now stays.
    const fresh = await create(store, 'user1');
    expect(await stateOf(store, fresh)).toBe('live');
    expect(await countOf(store)).toBe(1);
    expect(await store.listOf('main', 'user1')).toMatchObject({ sessions: [{ key: fresh.key }] });
    await fastForward(1);
    // Nothing of it was lost.
    expect(await store.revokeAll(number)).toMatchObject({ keys: [], count: 0, commit: null });
    expect(await stateOf(store, fresh)).toBe('live');
  });
}
