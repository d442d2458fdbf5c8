import { describe, expect, it } from 'vitest';
import { MemoryZoneStore } from '../../../src/keyval/memory-zone-store.ts';
import type { ZoneReadAnswer, ZoneStore, ZoneStoreAnswer } from '../../../src/keyval/zone-store.ts';
import { zoneIdOf, zoneTagOf } from '../../../src/keyval/zone-tags.ts';
import { Zones } from '../../../src/keyval/zones.ts';
import type { Coherence } from '../../../src/session/coherence.ts';
import { Lease } from '../../../src/session/lease.ts';
import type { LogEntry } from '../../../src/session/log-entry.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const freshMs = 800;

/** A worker's zone on a store whose answers come when the test says so. */
class Room {
  readonly clock = new ManualClock();
  readonly memory = new MemoryZoneStore(this.clock);
  readonly settled: string[][] = [];
  /** Null: the store answers at once. */
  held: PromiseWithResolvers<void> | null = null;
  isOut = false;
  generation = 0;
  isRenewable = false;
  reads = 0;
  readonly lease = new Lease();
  readonly zones: Zones;

  constructor() {
    this.extend();
    this.zones = new Zones({
      zones: [{ name: 'z', entriesMax: 10, livesMs: 60_000 }],
      store: this.#store(),
      coherence: this.#coherence(),
      clock: this.clock,
    });
  }

  get zone() {
    const zone = this.zones.get('z');
    if (zone === undefined) throw new Error('no zone');
    return zone;
  }

  extend(): void {
    this.lease.extend(this.clock.monotonic() + freshMs, this.clock.now() + freshMs);
  }

  peek(key = 'a'): string | undefined {
    return this.zone.peek(key, this.clock.now())?.value;
  }

  async read(key = 'a', isNewWanted = false): Promise<string> {
    const reading = await this.zone.read(key, isNewWanted);
    return reading.kind === 'found' ? reading.copy.value : reading.kind;
  }

  /** As another worker does it: the store has it before anybody here hears of it. */
  async elsewhere(value: string): Promise<void> {
    const entry = { key: 'a', value, livesMs: 60_000 };
    const bounds = { name: 'z', entriesMax: 10 };
    const changed = await this.memory.write(bounds, { deed: 'change', entry });
    if (changed.kind === 'refused') {
      await this.memory.write(bounds, { deed: 'add', entries: [entry] });
    }
  }

  hears(...ids: readonly string[]): void {
    this.zones.apply(entryOf(ids));
  }

  #store(): ZoneStore {
    const { memory } = this;
    const answered = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
      // What is asked is done when it is asked; only the answer is late.
      const done = await answer;
      await this.held?.promise;
      return done;
    };
    return {
      read: (zone, key) => {
        this.reads += 1;
        const out: ZoneReadAnswer = { kind: 'unavailable' };
        return answered(this.isOut ? Promise.resolve(out) : memory.read(zone, key));
      },
      write: async (zone, deed) => {
        const out: ZoneStoreAnswer = { kind: 'unavailable' };
        if (this.isOut) return out;
        const answer = await answered(memory.write(zone, deed));
        if (answer.kind !== 'written' || deed.deed === 'put') return answer;
        const ids = deed.deed === 'change' ? [idOf(deed.entry.key)] : [zoneIdOf('z')];
        const commit = {
          ...{ entries: [entryOf(ids)], members: [], unknownBoundMs: 0, isReplicated: null },
        };
        return { kind: 'written', commit };
      },
      list: (zone) => memory.list(zone),
      count: (zone) => memory.count(zone),
      claim: (zone, key, holder, claimMs) => memory.claim(zone, key, holder, claimMs),
      renewClaim: (zone, key, holder, claimMs) => memory.renewClaim(zone, key, holder, claimMs),
    };
  }

  #coherence(): Coherence {
    const generationOf = (): number => this.generation;
    return {
      lease: this.lease,
      get generation() {
        return generationOf();
      },
      mayRead: true,
      freshMs,
      coherentMs: () => 0,
      renewal: () => {
        if (this.isRenewable) this.extend();
        return Promise.resolve(this.isRenewable);
      },
      settle: (commit) => {
        this.settled.push(commit.entries.flatMap(({ ids }) => [...ids]));
        return Promise.resolve({ members: 1, acknowledged: 1, waitedMs: 0, isReplicated: null });
      },
    };
  }
}

const idOf = (key: string): string => zoneIdOf('z') + zoneTagOf(key);

function entryOf(ids: readonly string[]): LogEntry {
  return { number: 1, tag: '0123456789abcdef', kind: 'entry', revoker: 'other', ids };
}

describe('a copy of an entry', () => {
  it('is believed while there is a lease, and its time is not over', async () => {
    const room = new Room();
    await room.elsewhere('x');
    expect(room.peek()).toBeUndefined();
    expect(await room.read()).toBe('x');
    expect(room.peek()).toBe('x');
    room.clock.advance(freshMs);
    expect(room.peek()).toBeUndefined();
    room.extend();
    expect(room.peek()).toBe('x');
    room.clock.advance(60_000);
    room.extend();
    expect(room.peek()).toBeUndefined();
  });

  it('is used without a lease for so long as somebody says, and not when it was changed', async () => {
    const room = new Room();
    await room.elsewhere('x');
    await room.read();
    room.clock.advance(freshMs + 500);
    const stale = (ms: number) => room.zone.peekStale('a', room.clock.now(), ms)?.value;
    expect([stale(0), stale(500), stale(501)]).toEqual([undefined, undefined, 'x']);
    room.hears(idOf('a'));
    expect(stale(501)).toBeUndefined();
  });

  it('is stale by the clock that says more', async () => {
    const room = new Room();
    await room.elsewhere('x');
    await room.read();
    const stale = (ms: number) => room.zone.peekStale('a', room.clock.now(), ms)?.value;
    // A suspended machine: its monotonic clock has stood still.
    room.clock.setBack(-20_000);
    expect([stale(5_000), stale(20_000)]).toEqual([undefined, 'x']);
  });

  it.each([
    ['its key is named', (room: Room) => room.hears(idOf('a'))],
    ['its zone is named', (room: Room) => room.hears(zoneIdOf('z'))],
    ['something may have been missed', (room: Room) => room.zones.jump()],
  ])('is gone when %s', async (_, happen) => {
    const room = new Room();
    await room.elsewhere('x');
    await room.read();
    const copy = room.zone.peek('a', room.clock.now());
    happen(room);
    expect(room.peek()).toBeUndefined();
    expect(copy && room.zone.holds(copy, room.clock.now(), 60_000)).toBe(false);
  });

  it('stays when another key or another zone is named', async () => {
    const room = new Room();
    await room.elsewhere('x');
    await room.read();
    room.hears(idOf('b'), zoneIdOf('other') + zoneTagOf('a'), zoneIdOf('other'));
    expect(room.peek()).toBe('x');
  });
});

describe('a question to the store', () => {
  it.each([
    ['the key is named', (room: Room) => room.hears(idOf('a'))],
    ['the zone is named', (room: Room) => room.hears(zoneIdOf('z'))],
    [
      'something may have been missed',
      (room: Room) => {
        room.generation += 1;
        room.zones.jump();
      },
    ],
  ])('that was under way when %s proves nothing', async (_, happen) => {
    const room = new Room();
    await room.elsewhere('x');
    room.held = Promise.withResolvers();
    const reading = room.read();
    // The question has been answered there, and its answer is on its way.
    await Promise.resolve();
    await room.elsewhere('0');
    happen(room);
    const { held } = room;
    room.held = null;
    held.resolve();
    expect(await reading).toBe('0');
    expect(room.peek()).toBe('0');
    expect(room.reads).toBe(2);
  });

  it('that took too long proves nothing', async () => {
    const room = new Room();
    await room.elsewhere('x');
    room.held = Promise.withResolvers();
    const reading = room.read();
    await Promise.resolve();
    room.clock.advance(freshMs);
    const { held } = room;
    room.held = null;
    held.resolve();
    expect(await reading).toBe('x');
    expect(room.reads).toBe(2);
  });

  it('is one for all who ask at once, but for those who want a new one', async () => {
    const room = new Room();
    await room.elsewhere('x');
    expect(await Promise.all([room.read(), room.read(), room.read()])).toEqual(['x', 'x', 'x']);
    expect(room.reads).toBe(1);
    expect(await room.read()).toBe('x');
    expect(room.reads).toBe(1);
    expect(await room.read('a', true)).toBe('x');
    expect(room.reads).toBe(2);
  });

  it('that an earlier request sent is good enough only under the lease', async () => {
    const room = new Room();
    await room.elsewhere('x');
    room.held = Promise.withResolvers();
    const first = room.read();
    await Promise.resolve();
    const second = room.read();
    room.lease.drop();
    const { held } = room;
    room.held = null;
    held.resolve();
    expect([await first, await second]).toEqual(['x', 'x']);
    expect(room.reads).toBe(2);
  });

  it('is not needed when the lease comes back', async () => {
    const room = new Room();
    await room.elsewhere('x');
    await room.read();
    room.clock.advance(freshMs);
    room.isRenewable = true;
    expect(await room.read()).toBe('x');
    expect(room.reads).toBe(1);
  });

  it('that nobody answers is an outage, and no absence', async () => {
    const room = new Room();
    room.isOut = true;
    expect(await room.read()).toBe('unavailable');
  });
});

describe('a change', () => {
  it('is felt here before it is settled, and answered after that', async () => {
    const room = new Room();
    await room.elsewhere('x');
    await room.read();
    const entry = { key: 'a', value: '0', livesMs: null };
    expect(await room.zone.write({ deed: 'change', entry })).toEqual({ kind: 'written' });
    expect(room.settled).toEqual([[idOf('a')]]);
    expect(room.peek()).toBeUndefined();
    expect(await room.read()).toBe('0');
  });

  it('of which nobody knows whether it was made makes its copy worthless', async () => {
    const room = new Room();
    await room.elsewhere('x');
    await room.read();
    room.isOut = true;
    const outcome = await room.zone.write({ deed: 'remove', key: 'a' });
    expect(outcome).toEqual({ kind: 'unavailable' });
    expect(room.peek()).toBeUndefined();
  });
});

describe('a value that is put', () => {
  const entry = { key: 'a', value: 'token', livesMs: 1_000 };

  it('is here at once', async () => {
    const room = new Room();
    await room.zone.claim('a', 'me', 500);
    expect(await room.zone.put(entry, 'me')).toMatchObject({ kind: 'put' });
    expect(room.peek()).toBe('token');
    expect(room.settled).toEqual([]);
  });

  it('is not kept when its key was named before the answer came', async () => {
    const room = new Room();
    await room.zone.claim('a', 'me', 500);
    room.held = Promise.withResolvers();
    const putting = room.zone.put(entry, 'me');
    await Promise.resolve();
    await room.elsewhere('0');
    room.hears(idOf('a'));
    room.held.resolve();
    room.held = null;
    expect(await putting).toEqual({ kind: 'refused', reason: 'lost' });
    expect(await room.read()).toBe('0');
  });
});
