import { describe, expect, it, vi } from 'vitest';
import type { BucketStore } from '../../../src/lib/bucket-store.ts';
import { LocalBuckets } from '../../../src/lib/local-buckets.ts';
import type { PlaceStore } from '../../../src/lib/place-store.ts';
import { Reach } from '../../../src/lib/reach.ts';
import { SharedBuckets } from '../../../src/lib/shared-buckets.ts';
import { SharedPlaces } from '../../../src/lib/shared-places.ts';
import { KnownPlaces } from '../../../src/users/known-places.ts';
import { testBucketStore } from '../../contract/bucket-store.ts';
import { testPlaceStore } from '../../contract/place-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const rule = { capacity: 3, refillMs: 60_000 };
const share = (key: string) => ({ key, rule });

/** A store that rejects while it is away. */
class Away {
  isAway = false;
  calls = 0;
  readonly charged: unknown[] = [];
  /** What charges wait for. */
  gate: Promise<void> | undefined;

  over<Store extends object>(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          this.calls += 1;
          if (this.isAway && name === 'take') return { kind: 'unavailable' };
          if (this.isAway) throw new Error('away');
          if (name === 'charge') {
            this.charged.push(args[0]);
            await this.gate;
          }
          return await (Reflect.apply(value, target, args) as unknown);
        };
      },
    });
  }
}

class Nodes {
  readonly clock = new ManualClock();
  readonly away = new Away();
  readonly #buckets: BucketStore;
  readonly #places: PlaceStore;

  constructor() {
    const table = { entriesMax: 1_000, whenFull: 'share' } as const;
    this.#buckets = this.away.over(new LocalBuckets(this.clock, table));
    this.#places = this.away.over(new KnownPlaces(100));
  }

  node(): { buckets: SharedBuckets; places: SharedPlaces } {
    const reach = new Reach(this.clock);
    const own = new LocalBuckets(this.clock, { entriesMax: 1_000, whenFull: 'share' });
    return {
      buckets: new SharedBuckets({ shared: this.#buckets, own, reach }),
      places: new SharedPlaces({ shared: this.#places, own: new KnownPlaces(100), reach }),
    };
  }
}

async function taken(buckets: BucketStore, count: number, key = 'a'): Promise<number> {
  let passed = 0;
  for (let one = 0; one < count; one += 1) {
    if ((await buckets.take([share(key)])).kind === 'taken') passed += 1;
  }
  return passed;
}

testBucketStore('buckets that are shared', (table) => {
  const clock = new ManualClock();
  const own = new LocalBuckets(clock, table);
  const shared = new LocalBuckets(clock, table);
  return Promise.resolve({
    store: new SharedBuckets({ shared, own, reach: new Reach(clock) }),
    fastForward: async (ms: number) => clock.advance(ms),
  });
});

describe('buckets that nodes share', () => {
  it('are one for all, and listed and filled for all', async () => {
    const nodes = new Nodes();
    const [one, other] = [nodes.node(), nodes.node()];
    expect(await taken(one.buckets, 2)).toBe(2);
    expect(await taken(other.buckets, 2)).toBe(1);
    expect(await one.buckets.listEmpty(10)).toEqual([{ key: 'a', waitMs: 60_000 }]);
    expect(await other.buckets.refill(['a'])).toBe(1);
    expect(await taken(one.buckets, 5)).toBe(3);
  });

  it('are each its own in an outage, which begins with what each has taken', async () => {
    const nodes = new Nodes();
    const [one, other] = [nodes.node(), nodes.node()];
    await taken(one.buckets, 2);
    nodes.away.isAway = true;
    expect(await taken(one.buckets, 5)).toBe(1);
    expect(await taken(other.buckets, 5)).toBe(3);
    expect(await one.buckets.listEmpty(10)).toEqual([{ key: 'a', waitMs: 60_000 }]);
    expect(await one.buckets.refill(['a'])).toBe(1);
    expect(await taken(one.buckets, 1)).toBe(1);
  });

  it('are asked again after a while only, by one of those who want to know', async () => {
    const nodes = new Nodes();
    const { buckets } = nodes.node();
    nodes.away.isAway = true;
    for (let count = 0; count < 50; count += 1) await buckets.take([share(String(count))]);
    expect(nodes.away.calls).toBe(1);
    nodes.clock.advance(1_000);
    await Promise.all([1, 2, 3].map((one) => buckets.take([share(`x${String(one)}`)])));
    expect(nodes.away.calls).toBe(2);
  });

  it('hear after an outage of what was taken in it, but not of what was given back', async () => {
    const nodes = new Nodes();
    const [one, other] = [nodes.node(), nodes.node()];
    nodes.away.isAway = true;
    expect(await taken(one.buckets, 2)).toBe(2);
    expect(await taken(one.buckets, 2, 'right')).toBe(2);
    await one.buckets.giveBack([share('right')]);
    await one.buckets.giveBack([share('right')]);
    await one.buckets.charge(share('charged'), 3);
    nodes.away.isAway = false;
    nodes.clock.advance(1_000);
    nodes.away.charged.length = 0;
    await taken(one.buckets, 1, 'other');
    await vi.waitFor(() => expect(nodes.away.charged).toHaveLength(2));
    expect(await taken(other.buckets, 5)).toBe(1);
    expect(await taken(other.buckets, 5, 'right')).toBe(3);
    expect(await taken(other.buckets, 1, 'charged')).toBe(0);
  });

  it('hear of an outage by and by, and nobody waits for that', async () => {
    const nodes = new Nodes();
    const { buckets } = nodes.node();
    nodes.away.isAway = true;
    for (let key = 0; key < 130; key += 1) await taken(buckets, 1, `key ${String(key)}`);
    nodes.away.isAway = false;
    nodes.clock.advance(1_000);
    const { promise, resolve } = Promise.withResolvers<void>();
    nodes.away.gate = promise;
    expect(await taken(buckets, 2, 'other')).toBe(2);
    expect(nodes.away.charged).toHaveLength(50);
    resolve();
    await vi.waitFor(() => expect(nodes.away.charged).toHaveLength(130));
  });

  it('are told again of what they did not hear', async () => {
    const nodes = new Nodes();
    const [one, other] = [nodes.node(), nodes.node()];
    nodes.away.isAway = true;
    await taken(one.buckets, 3);
    nodes.away.isAway = false;
    nodes.clock.advance(1_000);
    nodes.away.gate = Promise.reject(new Error('away'));
    expect(await taken(one.buckets, 1, 'other')).toBe(1);
    await vi.waitFor(() => expect(nodes.away.charged).toHaveLength(1));
    nodes.away.gate = undefined;
    await vi.waitFor(async () => {
      await taken(one.buckets, 1, 'another');
      expect(nodes.away.charged).toHaveLength(2);
    });
    expect(await taken(other.buckets, 1)).toBe(0);
  });

  it('get back what was taken before an outage and is given back after it', async () => {
    const nodes = new Nodes();
    const { buckets } = nodes.node();
    await taken(buckets, 3);
    await buckets.giveBack([share('a')]);
    expect(await taken(buckets, 3)).toBe(1);
  });
});

testPlaceStore('places that nodes share', () => new Nodes().node().places);

describe('places that nodes share', () => {
  it('are known to all, and in an outage to those who have heard of them', async () => {
    const nodes = new Nodes();
    const [one, other, third] = [nodes.node(), nodes.node(), nodes.node()];
    await one.places.add('anna', 'home');
    expect(await other.places.has('anna', 'home')).toBe(true);
    expect(await other.places.of('anna')).toEqual(['home']);
    nodes.away.isAway = true;
    expect(await other.places.has('anna', 'home')).toBe(true);
    expect(await third.places.has('anna', 'home')).toBe(false);
    await third.places.add('anna', 'office');
    expect(await third.places.of('anna')).toEqual(['office']);
    nodes.away.isAway = false;
    nodes.clock.advance(1_000);
    expect(await third.places.has('anna', 'home')).toBe(true);
  });
});
