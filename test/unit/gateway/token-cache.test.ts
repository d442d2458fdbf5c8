import { describe, expect, it } from 'vitest';
import type { TokenCacheConfig } from '../../../src/config/token-cache.ts';
import { TokenCache } from '../../../src/gateway/token-cache.ts';
import { MemoryZoneStore } from '../../../src/keyval/memory-zone-store.ts';
import { Zones } from '../../../src/keyval/zones.ts';
import { loneCoherence } from '../../../src/session/lone-coherence.ts';
import type { TokenAnswer } from '../../../src/tokens/token-service.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { waitFor } from '../../support/wait-for.ts';

const nobody = { live: null, bearer: null };

/** A cache on a zone of 60 s in this process, with a service that answers when the test says so. */
class Room {
  readonly clock = new ManualClock();
  readonly failures: string[] = [];
  readonly cache: TokenCache;
  readonly zone;
  calls = 0;
  answer: () => TokenAnswer | Promise<TokenAnswer> = () => this.token();

  constructor(changes: Partial<TokenCacheConfig> = {}, entriesMax = 10) {
    const { clock } = this;
    const zones = new Zones({
      ...{ clock, coherence: loneCoherence(clock), store: new MemoryZoneStore(clock) },
      zones: [{ name: 'z', entriesMax, livesMs: 60_000 }],
    });
    const zone = zones.get('z');
    if (zone === undefined) throw new Error('no zone');
    this.zone = zone;
    this.cache = new TokenCache({
      ...{ zone, clock, config: configOf(changes) },
      onFailure: (reason) => this.failures.push(reason),
      service: {
        ask: async () => {
          this.calls += 1;
          return await this.answer();
        },
        stop: () => Promise.resolve(),
      },
    });
  }

  token(livesMs: number | null = null): TokenAnswer {
    return { kind: 'token', token: `token-number-${String(this.calls)}`, livesMs };
  }

  peek(key = 'k'): string | undefined {
    return this.cache.peek(key, this.clock.now(), nobody)?.value;
  }

  /** Until when nobody tries to refresh it. */
  pausesOf(key: string): number {
    return this.zone.peek(key, this.clock.now())?.keptUntilMs ?? 0;
  }

  async resolve(key = 'k'): Promise<string> {
    const outcome = await this.cache.resolve(key, null, 0);
    if (outcome.kind !== 'found') return outcome.kind;
    return this.cache.isToken(outcome.copy) ? outcome.copy.value : 'blocked';
  }
}

function configOf(changes: Partial<TokenCacheConfig>): TokenCacheConfig {
  return {
    ...{ name: 'c', zone: 'z', key: [], required: [], requiredLengthMin: 1, field: 'X-Authkey' },
    ...{ tokenLengthMin: 10, refreshAheadMs: 10_000, waitersMax: 3, deadlineMs: 5_000 },
    service: {
      ...{ type: 'http', url: 'http://a/', keyField: 'X-Key', timeoutMs: 1_000 },
      ...{ tokenBytesMax: 1_000, format: 'text', ca: null },
    },
    ...changes,
  };
}

describe('a token cache', () => {
  it('gives what it knows in the same turn, and asks nobody', async () => {
    const room = new Room();
    expect(room.peek()).toBeUndefined();
    expect(await room.resolve()).toBe('token-number-1');
    // No promise: the value itself.
    expect(room.peek()).toBe('token-number-1');
    expect(room.calls).toBe(1);
    expect(room.cache.counters).toMatchObject({ hits: 1, misses: 1, calls: 1, waiting: 0 });
  });

  it('asks once for all who want the same', async () => {
    const room = new Room();
    const { promise, resolve } = Promise.withResolvers<TokenAnswer>();
    room.answer = () => promise;
    const waiting = [room.resolve(), room.resolve(), room.resolve()];
    await waitFor('the call', () => room.calls === 1);
    // More may not wait.
    expect(await room.resolve()).toBe('overloaded');
    resolve(room.token());
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['token-number-1']));
    expect(room.calls).toBe(1);
  });

  it('keeps a token no longer than it is good', async () => {
    const room = new Room();
    room.answer = () => room.token(20_000);
    await room.resolve();
    room.clock.advance(19_999);
    expect(room.peek()).toBe('token-number-1');
    room.clock.advance(1);
    expect(room.peek()).toBeUndefined();
  });

  it('fetches a token anew before its end, once, and uses the old one meanwhile', async () => {
    const room = new Room();
    await room.resolve();
    const { promise, resolve } = Promise.withResolvers<TokenAnswer>();
    room.answer = () => promise;
    room.clock.advance(50_001);
    expect([room.peek(), room.peek()]).toEqual(['token-number-1', 'token-number-1']);
    await waitFor('the call', () => room.calls === 2);
    expect(room.peek()).toBe('token-number-1');
    resolve(room.token());
    await waitFor('the new one', () => room.peek() === 'token-number-2');
    expect(room.calls).toBe(2);
  });

  it.each(['unavailable', 'broken'] as const)(
    'keeps the old one when that gives %s, and nothing when there is none',
    async (kind) => {
      const room = new Room();
      await room.resolve();
      room.answer = () => ({ kind, reason: 'it is so' });
      room.clock.advance(50_001);
      expect(room.peek()).toBe('token-number-1');
      await waitFor('the call', () => room.failures.length === 1);
      expect(room.peek()).toBe('token-number-1');
      expect(await room.resolve('other')).toBe(kind);
      expect((await room.zone.count()).kind).toBe('counted');
      expect(room.peek('other')).toBeUndefined();
      expect(room.failures).toContain('it is so');
    },
  );

  it('lets a token be for a while when a refresh has brought nothing', async () => {
    const room = new Room();
    await room.resolve();
    room.answer = () => ({ kind: 'unavailable', reason: 'it is so' });
    room.clock.advance(50_001);
    room.peek();
    await waitFor('the refresh', () => room.cache.counters.failures === 1);
    await waitFor('its end', () => room.pausesOf('k') > room.clock.now());
    room.clock.advance(900);
    for (let times = 0; times < 100; times += 1) expect(room.peek()).toBe('token-number-1');
    expect(room.cache.counters.refreshes).toBe(1);
    room.clock.advance(600);
    room.peek();
    expect(room.cache.counters.refreshes).toBe(2);
  });

  it('refreshes so many tokens at once and no more', async () => {
    const room = new Room({ waitersMax: 1_000 }, 100);
    const keys = Array.from({ length: 100 }, (_, index) => `k${String(index)}`);
    await Promise.all(keys.map((key) => room.resolve(key)));
    room.answer = () => Promise.withResolvers<TokenAnswer>().promise;
    room.clock.advance(50_001);
    for (const key of keys) expect(room.peek(key)).toBeDefined();
    expect(room.cache.counters.refreshes).toBe(64);
  });

  it('fetches for so many keys at once and no more, also when nobody waits any longer', async () => {
    const room = new Room({ waitersMax: 2, deadlineMs: 1 });
    const { promise, resolve } = Promise.withResolvers<TokenAnswer>();
    room.answer = () => promise;
    const given = [room.resolve('a'), room.resolve('b')];
    await waitFor('the calls', () => room.calls === 2);
    expect(await Promise.all(given)).toEqual(['unavailable', 'unavailable']);
    expect(room.cache.counters.waiting).toBe(0);
    expect(await room.resolve('c')).toBe('overloaded');
    expect(room.calls).toBe(2);
    const again = room.resolve('a');
    resolve(room.token());
    expect(await again).not.toBe('overloaded');
  });

  it.each(['0', '', 'too short', 'with a blank in it', 'with\r\na line', 'z\u{eb}zzzzzzzzzzzz'])(
    'takes %j for a block, and asks nobody about it',
    async (value) => {
      const room = new Room();
      await room.zone.write({ deed: 'add', entries: [{ key: 'k', value, livesMs: 60_000 }] });
      expect(await room.resolve()).toBe('blocked');
      room.clock.advance(55_000);
      const copy = room.cache.peek('k', room.clock.now(), nobody);
      expect(copy && room.cache.isToken(copy)).toBe(false);
      expect(room.calls).toBe(0);
      room.clock.advance(5_000);
      expect(await room.resolve()).toBe('token-number-1');
    },
  );

  it('takes no token that would be a block', async () => {
    const room = new Room();
    room.answer = () => ({ kind: 'token', token: 'short', livesMs: null });
    expect(await room.resolve()).toBe('broken');
    expect(room.failures).toEqual(['the token is too short']);
  });

  it('gives what somebody put there by hand while the service failed', async () => {
    const room = new Room();
    room.answer = async () => {
      const entries = [{ key: 'k', value: 'by-hand-it-is', livesMs: 60_000 }];
      await room.zone.write({ deed: 'add', entries });
      return { kind: 'unavailable', reason: 'timeout' };
    };
    expect(await room.resolve()).toBe('by-hand-it-is');
  });

  it('says that a copy does not hold any more when it was changed', async () => {
    const room = new Room();
    await room.resolve();
    const copy = room.cache.peek('k', room.clock.now(), nobody);
    if (copy === undefined) throw new Error('no copy');
    expect(room.cache.holds(copy, room.clock.now(), 0)).toBe(true);
    const entry = { key: 'k', value: '0', livesMs: 60_000 };
    await room.zone.write({ deed: 'change', entry });
    expect(room.cache.holds(copy, room.clock.now(), 60_000)).toBe(false);
    expect(room.peek()).toBeUndefined();
    expect(await room.resolve()).toBe('blocked');
  });
});
