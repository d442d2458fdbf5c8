import { describe, expect, test } from 'vitest';
import type { Coherence } from '../../../src/session/coherence.ts';
import { Lease } from '../../../src/session/lease.ts';
import { sessionKeyOf } from '../../../src/session/session.ts';
import { SessionsScene } from './sessions-scene.ts';

/** A worker whose lease, generation and trust in the store are told. */
class ScriptedCoherence implements Coherence {
  readonly lease = new Lease(Infinity, Infinity);
  generation = 0;
  mayRead = true;
  readonly freshMs = 800;
  renewals = 0;
  /** What a request without a lease is told; it may do something first. */
  onRenewal: () => boolean | Promise<boolean> = () => false;

  coherentMs(): number {
    return 0;
  }
  async renewal(): Promise<boolean> {
    this.renewals += 1;
    return this.onRenewal();
  }
  settle: Coherence['settle'] = () =>
    Promise.resolve({ members: 1, acknowledged: 1, waitedMs: 0, isReplicated: null });
}

function scene(changes = {}) {
  const coherence = new ScriptedCoherence();
  return { coherence, ...wrapped(new SessionsScene(changes, coherence)) };
}

function wrapped(whole: SessionsScene) {
  const { clock, sessions, store } = whole;
  return { whole, clock, sessions, store };
}

const turn = (): Promise<void> => new Promise((go) => setImmediate(go));

describe('a copy in the cache', () => {
  test('answers under the lease only', async () => {
    const { clock, coherence, sessions, whole } = scene();
    const { live, token } = await whole.open();
    expect(sessions.peek(token, clock.now())).toBe(live);
    coherence.lease.drop();
    expect(sessions.peek(token, clock.now())).toBeUndefined();
    expect(sessions.holds(live, clock.now())).toBe(false);
  });

  test('does not answer when either clock says that the lease is over', async () => {
    for (const ends of [
      [100, Infinity] as const,
      [Infinity, Date.UTC(2026, 0, 1) + 100] as const,
    ]) {
      const { clock, coherence, sessions, whole } = scene();
      const { token } = await whole.open();
      coherence.lease.drop();
      coherence.lease.extend(...ends);
      expect(sessions.peek(token, clock.now())).toBeDefined();
      clock.advance(100);
      expect(sessions.peek(token, clock.now())).toBeUndefined();
    }
  });

  test('waits for the lease without asking the store for each session', async () => {
    const { coherence, sessions, store, whole } = scene();
    const opened = [await whole.open(), await whole.open('user2')];
    coherence.lease.drop();
    coherence.onRenewal = () => {
      coherence.lease.extend(Infinity, Infinity);
      return true;
    };
    for (const { token } of opened)
      expect(await sessions.resolve(token)).toMatchObject({ kind: 'valid' });
    expect(store.countOf('read')).toBe(0);
  });

  test('is unavailable, and not refused, where no lease comes', async () => {
    const { coherence, sessions, store, whole } = scene();
    const { token } = await whole.open();
    coherence.lease.drop();
    expect(await sessions.resolve(token)).toEqual({ kind: 'unavailable' });
    expect(store.countOf('read')).toBe(0);
  });

  test('is refused without a lease where its end is known', async () => {
    const { coherence, sessions, whole } = scene();
    const { live, token } = await whole.open();
    await sessions.end(live);
    coherence.lease.drop();
    expect(await sessions.resolve(token)).toEqual({ kind: 'none', reason: 'revoked' });
  });

  test('is gone after a jump, and what was revoked stays so', async () => {
    const { coherence, sessions, store, whole } = scene();
    const [kept, ended] = [await whole.open(), await whole.open()];
    await sessions.end(ended.live);
    coherence.generation += 1;
    sessions.jump();
    expect(sessions.cached.size).toBe(0);
    expect(await sessions.resolve(ended.token)).toEqual({ kind: 'none', reason: 'revoked' });
    expect(store.countOf('read')).toBe(0);
    expect(await sessions.resolve(kept.token)).toMatchObject({ kind: 'valid' });
    expect(store.countOf('read')).toBe(1);
    expect(sessions.holds(kept.live, 0)).toBe(false);
  });
});

describe('a read of the store', () => {
  /** A session that is not in the cache, and a request for it whose read has been sent. */
  async function reading() {
    const made = scene({ cacheEntriesMax: 1 });
    const { live, token } = await made.whole.open();
    await made.whole.open('user2');
    made.store.held.add('read');
    const first = made.sessions.resolve(token);
    await turn();
    return { ...made, live, token, first };
  }

  test('authorises the request that sent it, lease or no lease', async () => {
    const { coherence, first, store } = await reading();
    coherence.lease.drop();
    store.release();
    expect(await first).toMatchObject({ kind: 'valid' });
    expect(store.countOf('read')).toBe(1);
  });

  test('authorises a later request under the lease, and only then', async () => {
    const { coherence, first, sessions, store, token } = await reading();
    const joined = sessions.resolve(token);
    store.release();
    expect([await first, await joined]).toMatchObject([{ kind: 'valid' }, { kind: 'valid' }]);
    expect(store.countOf('read')).toBe(1);

    const other = await reading();
    other.coherence.lease.drop();
    const later = other.sessions.resolve(other.token);
    other.store.release();
    expect([await other.first, await later]).toMatchObject([{ kind: 'valid' }, { kind: 'valid' }]);
    expect(other.store.countOf('read')).toBe(2);
    expect(coherence.renewals).toBe(0);
  });

  test('from before a jump authorises nobody', async () => {
    const { coherence, first, sessions, store } = await reading();
    coherence.generation += 1;
    sessions.jump();
    store.release();
    expect(await first).toMatchObject({ kind: 'valid' });
    expect(store.countOf('read')).toBe(2);
  });

  test('that took too long authorises nobody', async () => {
    const { clock, first, store } = await reading();
    clock.advance(800);
    store.release();
    expect(await first).toMatchObject({ kind: 'valid' });
    expect(store.countOf('read')).toBe(2);
  });

  test('is not put into the cache if every session was ended meanwhile, but read again', async () => {
    const { first, sessions, store } = await reading();
    sessions.apply({ number: 1, tag: 't', kind: 'all', revoker: 'other', ids: [] });
    store.release();
    expect(await first).toMatchObject({ kind: 'valid' });
    expect(store.countOf('read')).toBe(2);
  });

  test('is not believed if every session ended between the fill and the decision', async () => {
    const { first, sessions, store, whole } = await reading();
    const entry = { number: 1, tag: 't', kind: 'all', revoker: 'other', ids: [] } as const;
    whole.onDescribe = () => {
      whole.onDescribe = () => {};
      queueMicrotask(() => sessions.apply(entry));
    };
    store.release();
    expect(await first).toMatchObject({ kind: 'valid' });
    expect(store.countOf('read')).toBe(2);
  });

  test('is not believed while the store may have lost something', async () => {
    const { coherence, first, sessions, store, token } = await reading();
    coherence.mayRead = false;
    store.release();
    expect(await first).toEqual({ kind: 'unavailable' });
    expect(await sessions.resolve(token)).toEqual({ kind: 'unavailable' });
    expect(coherence.renewals).toBe(1);
    expect(store.countOf('read')).toBe(1);
  });
});

describe('an entry of the log', () => {
  test('ends a session in its turn', async () => {
    const { clock, sessions, whole } = scene();
    const { live, token } = await whole.open();
    const ids = [sessionKeyOf(live.session.id)];
    sessions.apply({ number: 1, tag: 't', kind: 'revoked', revoker: 'other', ids });
    expect(sessions.peek(token, clock.now())).toBeUndefined();
    expect(sessions.revokedLately()).toEqual(ids);
  });
});

describe('the end of everybody', () => {
  test('is applied once, however often the entry comes: who logged in since stays', async () => {
    const { clock, sessions, store, whole } = scene();
    const { token } = await whole.open();
    const entry = { number: 1, tag: 't', kind: 'all', revoker: 'other', ids: [] } as const;
    sessions.apply(entry);
    expect(sessions.peek(token, clock.now())).toBeUndefined();
    const fresh = await whole.open('user2');
    sessions.apply(entry);
    expect(sessions.peek(fresh.token, clock.now())).toBe(fresh.live);
    sessions.apply({ ...entry, number: 2, tag: 'u' });
    expect(sessions.peek(fresh.token, clock.now())).toBeUndefined();
    // The bus brought both, and then the poll does.
    const last = await whole.open('user3');
    sessions.apply(entry);
    sessions.apply({ ...entry, number: 2, tag: 'u' });
    expect(sessions.peek(last.token, clock.now())).toBe(last.live);
    // A store that may have forgotten it is told, and asked no more than that.
    expect(await sessions.remind([])).toBe('reminded');
    expect(store.countOf('revokeAll')).toBe(1);
  });

  test('holds up nobody whose own end comes to nothing meanwhile', async () => {
    const { sessions, store, whole } = scene();
    const { live } = await whole.open();
    store.held.add('revokeAll');
    const ending = sessions.endEverybody();
    store.mood = 'silent';
    expect(await sessions.end(live)).toBe('unavailable');
    store.release();
    expect(await ending).toMatchObject({ kind: 'ended' });
  });
});

describe('a store that forgot', () => {
  test('is told in portions', async () => {
    const { sessions, store } = scene();
    const keys = Array.from({ length: 250 }, (_, index) => `key ${String(index)}`);
    expect(await sessions.remind(keys)).toBe('reminded');
    expect(store.countOf('revoke')).toBe(3);
    store.mood = 'silent';
    expect(await sessions.remind(keys)).toBe('unavailable');
  });
});
