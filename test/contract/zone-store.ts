import { describe, expect, test } from 'vitest';
import type { NewZoneEntry, ZoneStore, ZoneStoreAnswer } from '../../src/keyval/zone-store.ts';

export interface ZoneStoreFixture extends AsyncDisposable {
  readonly store: ZoneStore;
  /** The key of a session that is live there; null where no session is asked about. */
  openSession(): Promise<string | null>;
}

const zone = { name: 'tokens', entriesMax: 3 };
const other = { name: 'others', entriesMax: 3 };

function entry(key: string, value = `value of ${key}`, livesMs: number | null = 10_000) {
  return { key, value, livesMs } satisfies NewZoneEntry;
}

function kindOf(answer: ZoneStoreAnswer): string {
  return answer.kind === 'refused' ? answer.reason : answer.kind;
}

async function add(store: ZoneStore, ...entries: readonly NewZoneEntry[]): Promise<string> {
  return kindOf(await store.write(zone, { deed: 'add', entries }, null));
}

async function valueOf(store: ZoneStore, key: string): Promise<string> {
  const answer = await store.read(zone.name, key);
  return answer.kind === 'found' ? answer.entry.value : answer.kind;
}

async function keysOf(store: ZoneStore, name = zone.name): Promise<string[]> {
  const answer = await store.list(name);
  return answer.kind === 'listed' ? answer.entries.map(({ key }) => key).toSorted() : [answer.kind];
}

/**
 * What holds for every store of key-value zones. Each adapter's test calls this with a way to make an empty one and a way
 * to let time pass for all that were made.
 */
export function testZoneStore(
  title: string,
  make: () => Promise<ZoneStoreFixture>,
  fastForward: (ms: number) => Promise<void>,
): void {
  describe(`${title}, as every store of zones,`, () => {
    testEntries(make);
    testTime(make, fastForward);
    testClaims(make, fastForward);
    testCaller(make);
  });
}

type Make = () => Promise<ZoneStoreFixture>;

function testEntries(make: Make): void {
  test('reads, lists and counts what was added, zone by zone', async () => {
    await using fixture = await make();
    const { store } = fixture;
    expect(await valueOf(store, 'a:b c')).toBe('none');
    expect(await add(store, entry('a:b c', 'x "y" \u{1f600}'))).toBe('written');
    expect(await valueOf(store, 'a:b c')).toBe('x "y" \u{1f600}');
    expect(await keysOf(store)).toEqual(['a:b c']);
    expect(await keysOf(store, other.name)).toEqual([]);
    expect(await store.count(zone.name)).toEqual({ kind: 'counted', count: 1 });
    expect(await store.count(other.name)).toEqual({ kind: 'counted', count: 0 });
  });

  test('adds one that is not there, and several only where there is none', async () => {
    await using fixture = await make();
    const { store } = fixture;
    expect(await add(store, entry('a'), entry('b'))).toBe('written');
    expect(await add(store, entry('a', 'again'))).toBe('exists');
    expect(await valueOf(store, 'a')).toBe('value of a');
    expect(await add(store, entry('c'), entry('d'))).toBe('notEmpty');
    expect(await keysOf(store)).toEqual(['a', 'b']);
  });

  test('takes no more than the zone may have', async () => {
    await using fixture = await make();
    const { store } = fixture;
    expect(await add(store, entry('a'), entry('b'), entry('c'), entry('d'))).toBe('full');
    expect(await add(store, entry('a'), entry('b'), entry('c'))).toBe('written');
    expect(await add(store, entry('d'))).toBe('full');
    await store.write(zone, { deed: 'remove', key: 'b' }, null);
    expect(await add(store, entry('d'))).toBe('written');
  });

  test('changes and removes only what is there', async () => {
    await using fixture = await make();
    const { store } = fixture;
    const change = { deed: 'change', entry: entry('a', '0') } as const;
    expect(kindOf(await store.write(zone, change, null))).toBe('missing');
    expect(kindOf(await store.write(zone, { deed: 'remove', key: 'a' }, null))).toBe('missing');
    await add(store, entry('a'));
    expect(kindOf(await store.write(zone, change, null))).toBe('written');
    expect(await valueOf(store, 'a')).toBe('0');
    expect(kindOf(await store.write(zone, { deed: 'remove', key: 'a' }, null))).toBe('written');
    expect(await valueOf(store, 'a')).toBe('none');
  });

  test('clears one zone and no other', async () => {
    await using fixture = await make();
    const { store } = fixture;
    await add(store, entry('a'), entry('b'));
    await store.write(other, { deed: 'add', entries: [entry('a')] }, null);
    expect(kindOf(await store.write(zone, { deed: 'clear' }, null))).toBe('written');
    expect(await keysOf(store)).toEqual([]);
    expect(await keysOf(store, other.name)).toEqual(['a']);
    expect(kindOf(await store.write(zone, { deed: 'clear' }, null))).toBe('written');
  });
}

function testTime(make: Make, fastForward: (ms: number) => Promise<void>): void {
  test('forgets an entry when its time is over, counted from its last write', async () => {
    await using fixture = await make();
    const { store } = fixture;
    await add(store, entry('a', 'x', 1_000), entry('b', 'x', 1_000), entry('c', 'x', null));
    await fastForward(900);
    await store.write(zone, { deed: 'change', entry: entry('a', 'y', 1_000) }, null);
    await fastForward(200);
    expect(await valueOf(store, 'a')).toBe('y');
    expect(await valueOf(store, 'b')).toBe('none');
    expect(await keysOf(store)).toEqual(['a', 'c']);
    expect(await store.count(zone.name)).toEqual({ kind: 'counted', count: 2 });
    const change = { deed: 'change', entry: entry('b') } as const;
    expect(kindOf(await store.write(zone, change, null))).toBe('missing');
    expect(await add(store, entry('b'))).toBe('written');
    await fastForward(365 * 24 * 3_600_000);
    expect(await keysOf(store)).toEqual(['c']);
  });
}

function testClaims(make: Make, fastForward: (ms: number) => Promise<void>): void {
  const put = (holder: string, value = 'token') =>
    ({ deed: 'put', entry: entry('a', value), holder }) as const;

  test('lets one worker at a time claim a key, and only the holder put a value there', async () => {
    await using fixture = await make();
    const { store } = fixture;
    expect(await store.claim(zone.name, 'a', 'one', 500)).toEqual({ kind: 'held' });
    expect(await store.claim(zone.name, 'a', 'two', 500)).toEqual({ kind: 'busy' });
    expect(await store.claim(zone.name, 'b', 'two', 500)).toEqual({ kind: 'held' });
    expect(await store.claim(zone.name, 'a', 'one', 500)).toEqual({ kind: 'held' });
    expect(kindOf(await store.write(zone, put('two'), null))).toBe('lost');
    expect(kindOf(await store.write(zone, put('one'), null))).toBe('written');
    expect(await valueOf(store, 'a')).toBe('token');
    // It has ended with that.
    expect(kindOf(await store.write(zone, put('one'), null))).toBe('lost');
    expect(await store.claim(zone.name, 'a', 'two', 500)).toEqual({ kind: 'held' });
    expect(kindOf(await store.write(zone, put('two', 'fresh'), null))).toBe('written');
    expect(await valueOf(store, 'a')).toBe('fresh');
  });

  test('gives a claim to the next one when it is given up', async () => {
    await using fixture = await make();
    const { store } = fixture;
    await store.claim(zone.name, 'a', 'one', 500);
    expect(await store.renewClaim(zone.name, 'a', 'two', 0)).toEqual({ kind: 'busy' });
    expect(await store.renewClaim(zone.name, 'a', 'one', 0)).toEqual({ kind: 'held' });
    expect(await store.claim(zone.name, 'a', 'two', 500)).toEqual({ kind: 'held' });
  });

  test.each([
    ['added', { deed: 'add', entries: [entry('a', '0')] }],
    ['changed', { deed: 'change', entry: entry('a', '0') }],
    ['removed', { deed: 'remove', key: 'a' }],
    ['cleared with its zone', { deed: 'clear' }],
  ] as const)('refuses the value of a claim when the key was %s meanwhile', async (_, deed) => {
    await using fixture = await make();
    const { store } = fixture;
    if (deed.deed !== 'add') await add(store, entry('a'));
    await store.claim(zone.name, 'a', 'one', 500);
    expect(kindOf(await store.write(zone, deed, null))).toBe('written');
    // Nor does it come back by being renewed.
    expect(await store.renewClaim(zone.name, 'a', 'one', 500)).toEqual({ kind: 'busy' });
    const before = await valueOf(store, 'a');
    expect(kindOf(await store.write(zone, put('one'), null))).toBe('lost');
    expect(await valueOf(store, 'a')).toBe(before);
  });

  test('puts nothing new into a full zone, and the claim ends all the same', async () => {
    await using fixture = await make();
    const { store } = fixture;
    await add(store, entry('b'), entry('c'), entry('d'));
    await store.claim(zone.name, 'a', 'one', 500);
    expect(kindOf(await store.write(zone, put('one'), null))).toBe('full');
    expect(await store.claim(zone.name, 'a', 'two', 500)).toEqual({ kind: 'held' });
  });

  test('ends a claim by itself', async () => {
    await using fixture = await make();
    const { store } = fixture;
    await store.claim(zone.name, 'a', 'one', 300);
    await fastForward(200);
    expect(await store.renewClaim(zone.name, 'a', 'one', 300)).toEqual({ kind: 'held' });
    await fastForward(400);
    expect(await store.renewClaim(zone.name, 'a', 'one', 300)).toEqual({ kind: 'busy' });
    expect(await store.claim(zone.name, 'a', 'two', 10_000)).toEqual({ kind: 'held' });
    expect(kindOf(await store.write(zone, put('one'), null))).toBe('lost');
  });
}

function testCaller(make: Make): void {
  test('does nothing for a session that is over', async () => {
    await using fixture = await make();
    const { store } = fixture;
    const live = await fixture.openSession();
    if (live === null) return;
    await add(store, entry('a'));
    const over = await store.write(zone, { deed: 'clear' }, 'nobody-has-this-session1');
    expect(kindOf(over)).toBe('callerEnded');
    expect(await keysOf(store)).toEqual(['a']);
    expect(kindOf(await store.write(zone, { deed: 'clear' }, live))).toBe('written');
    expect(await keysOf(store)).toEqual([]);
  });
}
