import type { CachedSession } from './cached-session.ts';

const segmentBits = 8;
const segmentCount = 1 << segmentBits;
const firstSlots = 8;
/** Characters that the hash is made of, the last but one to the last but six. */
const hashedCharacters = 6;

/** Open addressing with linear probing; a hash of 0 is an empty slot. */
class Segment {
  hashes = new Int32Array(firstSlots);
  entries: (CachedSession | undefined)[] = emptySlots(firstSlots);
  mask = firstSlots - 1;
  size = 0;
}

/**
 * Where a session is found by a string. Not a `Map`, because the string is new with every request: for a Map V8 hashes
 * all of its 116 characters first, which takes longer than everything else about a hit. The last characters of our tokens
 * and keys are random bits and need no more hashing; measured, a look-up takes half the time, with ten thousand sessions
 * and with a million. Strangers gain nothing from choosing those characters: only genuine tokens are entered, and the
 * whole string is compared.
 *
 * 256 segments, each growing for itself: making room for a million sessions never stops the event loop.
 */
export class EntryTable {
  readonly #segments: readonly Segment[] = Array.from(
    { length: segmentCount },
    () => new Segment(),
  );
  #size = 0;

  get size(): number {
    return this.#size;
  }

  findByToken(token: string): CachedSession | undefined {
    if (token.length <= hashedCharacters) return undefined;
    const hash = hashOf(token);
    const segment = this.#segments[hash & (segmentCount - 1)];
    if (segment === undefined) return undefined;
    const { hashes, entries, mask } = segment;
    for (let slot = (hash >>> segmentBits) & mask; ; slot = (slot + 1) & mask) {
      const found = hashes[slot];
      if (found === hash) {
        const entry = entries[slot];
        if (entry !== undefined && entry.has(token)) return entry;
      } else if (found === 0) {
        return undefined;
      }
    }
  }

  findByKey(key: string): CachedSession | undefined {
    if (key.length <= hashedCharacters) return undefined;
    const hash = hashOf(key);
    const { hashes, entries, mask } = this.#segmentOf(hash);
    for (let slot = (hash >>> segmentBits) & mask; ; slot = (slot + 1) & mask) {
      const found = hashes[slot];
      if (found === 0) return undefined;
      if (found === hash && entries[slot]?.key === key) return entries[slot];
    }
  }

  /** The name is not in the table yet. */
  add(name: string, entry: CachedSession): void {
    const hash = hashOf(name);
    const segment = this.#segmentOf(hash);
    // Three quarters: with the whole hash compared first, a longer probe reads one line of memory more.
    if ((segment.size + 1) * 4 > (segment.mask + 1) * 3) grow(segment);
    place(segment, hash, entry);
    segment.size += 1;
    this.#size += 1;
  }

  delete(name: string, entry: CachedSession): void {
    const hash = hashOf(name);
    const segment = this.#segmentOf(hash);
    const { hashes, entries, mask } = segment;
    let slot = (hash >>> segmentBits) & mask;
    while (entries[slot] !== entry || hashes[slot] !== hash) {
      if (hashes[slot] === 0) return;
      slot = (slot + 1) & mask;
    }
    closeGap(segment, slot);
    segment.size -= 1;
    this.#size -= 1;
  }

  /** The entries of one segment: a walk in pieces. */
  entriesOf(index: number): readonly (CachedSession | undefined)[] {
    return this.#segments[index]?.entries ?? [];
  }

  #segmentOf(hash: number): Segment {
    const segment = this.#segments[hash & (segmentCount - 1)];
    if (segment === undefined) throw new Error('a hash without a segment');
    return segment;
  }
}

export const entryTableSegments = segmentCount;

function emptySlots(count: number): (CachedSession | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}

/** Five characters of six random bits each, spread by Fibonacci hashing; never 0. */
function hashOf(name: string): number {
  const end = name.length;
  const bits =
    name.charCodeAt(end - 2) ^
    (name.charCodeAt(end - 3) << 6) ^
    (name.charCodeAt(end - 4) << 12) ^
    (name.charCodeAt(end - 5) << 18) ^
    (name.charCodeAt(end - 6) << 24);
  const product = Math.imul(bits, 0x9e3779b1);
  return ((product ^ (product >>> 15)) >>> 1) | 0x40000000;
}

function place({ hashes, entries, mask }: Segment, hash: number, entry: CachedSession): void {
  let slot = (hash >>> segmentBits) & mask;
  while (hashes[slot] !== 0) slot = (slot + 1) & mask;
  hashes[slot] = hash;
  entries[slot] = entry;
}

function grow(segment: Segment): void {
  const { hashes, entries } = segment;
  const count = entries.length * 2;
  segment.hashes = new Int32Array(count);
  segment.entries = emptySlots(count);
  segment.mask = count - 1;
  for (const [slot, entry] of entries.entries()) {
    const hash = hashes[slot];
    if (entry !== undefined && hash !== undefined) place(segment, hash, entry);
  }
}

/** What was pushed on by the removed entry moves back, so that no probe ends early and no marker stays behind. */
function closeGap({ hashes, entries, mask }: Segment, removed: number): void {
  let gap = removed;
  for (let slot = (gap + 1) & mask; ; slot = (slot + 1) & mask) {
    const hash = hashes[slot];
    if (hash === undefined || hash === 0) break;
    const home = (hash >>> segmentBits) & mask;
    if (((slot - home) & mask) >= ((slot - gap) & mask)) {
      hashes[gap] = hash;
      entries[gap] = entries[slot];
      gap = slot;
    }
  }
  hashes[gap] = 0;
  entries[gap] = undefined;
}
