import { ZoneCopy } from './zone-copy.ts';
import type { ZoneEntry } from './zone-store.ts';
import { zoneTagOf } from './zone-tags.ts';

/** A question to the store that is under way: void once an entry of the log has named what was asked for. */
export interface Asked {
  readonly tag: string;
  isVoid: boolean;
}

/** A worker's copies of the entries of one zone, found by their keys, dropped by what the log calls them. */
export class ZoneCopies {
  readonly #copiesMax: number;
  readonly #byKey = new Map<string, ZoneCopy>();
  readonly #keys = new Map<string, string>();
  readonly #asked = new Set<Asked>();

  constructor(copiesMax: number) {
    this.#copiesMax = copiesMax;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): ZoneCopy | undefined {
    return this.#byKey.get(key);
  }

  /** To be called before the store is asked, and `answered` after it. */
  ask(key: string): Asked {
    const asked: Asked = { tag: zoneTagOf(key), isVoid: false };
    this.#asked.add(asked);
    return asked;
  }

  answered(asked: Asked): void {
    this.#asked.delete(asked);
  }

  /** What the store said of it while nothing was heard of a change. */
  fill({ tag }: Asked, entry: ZoneEntry): ZoneCopy {
    const copy = new ZoneCopy(entry);
    const known = this.#byKey.get(entry.key);
    // Of two answers it is not known which one is newer, and whoever has this one holds on to it until it is sent.
    if (known !== undefined) known.isDropped = true;
    this.#byKey.delete(entry.key);
    this.#byKey.set(entry.key, copy);
    this.#keys.set(tag, entry.key);
    if (this.#byKey.size > this.#copiesMax) this.#evict();
    return copy;
  }

  /** The log names it: copies and answers under way are of before. */
  change(tag: string): void {
    for (const asked of this.#asked) if (asked.tag === tag) asked.isVoid = true;
    const key = this.#keys.get(tag);
    if (key !== undefined) this.#drop(key, tag);
  }

  forget(key: string): void {
    this.change(zoneTagOf(key));
  }

  clear(): void {
    for (const asked of this.#asked) asked.isVoid = true;
    for (const copy of this.#byKey.values()) copy.isDropped = true;
    this.#byKey.clear();
    this.#keys.clear();
  }

  /** Removes what has run out. */
  sweep(nowMs: number): void {
    for (const [tag, key] of this.#keys) {
      const copy = this.#byKey.get(key);
      if (copy === undefined || copy.endsAtMs <= nowMs) this.#drop(key, tag);
    }
  }

  /** The one that came first. */
  #evict(): void {
    const [first] = this.#byKey.keys();
    if (first !== undefined) this.#drop(first, zoneTagOf(first));
  }

  #drop(key: string, tag: string): void {
    const copy = this.#byKey.get(key);
    if (copy !== undefined) copy.isDropped = true;
    this.#byKey.delete(key);
    this.#keys.delete(tag);
  }
}
