import type { MemoryRecord } from './memory-record.ts';

/**
 * All records, those that were seen last first: a chain through them, so that a page of a million costs what is on it. Who
 * is new or seen is so near its beginning that the way there is short.
 */
export class SeenOrder {
  #first: MemoryRecord | null = null;

  add(record: MemoryRecord): void {
    this.#merge([record]);
  }

  remove(record: MemoryRecord): void {
    const { seenEarlier, seenLater } = record;
    if (seenLater !== null) seenLater.seenEarlier = seenEarlier;
    else if (this.#first === record) this.#first = seenEarlier;
    if (seenEarlier !== null) seenEarlier.seenLater = seenLater;
    record.seenEarlier = null;
    record.seenLater = null;
  }

  /** They have been seen again; one walk for all of them. */
  moved(records: ReadonlySet<MemoryRecord>): void {
    for (const record of records) this.remove(record);
    this.#merge([...records].toSorted((a, b) => b.lastSeenAtMs - a.lastSeenAtMs));
  }

  /** Of those that are meant, so many from the `skip`th on. */
  slice(skip: number, count: number, isMeant: (record: MemoryRecord) => boolean): MemoryRecord[] {
    const found: MemoryRecord[] = [];
    let left = skip;
    for (
      let record = this.#first;
      record !== null && found.length < count;
      record = record.seenEarlier
    ) {
      if (!isMeant(record)) continue;
      if (left > 0) left -= 1;
      else found.push(record);
    }
    return found;
  }

  /** Records in this order, none of them in the chain. */
  #merge(records: readonly MemoryRecord[]): void {
    let later: MemoryRecord | null = null;
    let earlier = this.#first;
    for (const record of records) {
      while (earlier !== null && earlier.lastSeenAtMs > record.lastSeenAtMs) {
        later = earlier;
        earlier = earlier.seenEarlier;
      }
      record.seenLater = later;
      record.seenEarlier = earlier;
      if (later === null) this.#first = record;
      else later.seenEarlier = record;
      if (earlier !== null) earlier.seenLater = record;
      later = record;
    }
  }
}
