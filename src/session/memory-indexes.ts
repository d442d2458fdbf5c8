import type { MemoryRecord } from './memory-record.ts';

/** The sessions of each user by age. Most users have one, so it is a chain through the records: no array, no set. */
export class UserIndex {
  readonly #newest = new Map<string, Map<string, MemoryRecord>>();

  add(record: MemoryRecord): void {
    const { directory, subject } = record.principal;
    let ofDirectory = this.#newest.get(directory);
    if (ofDirectory === undefined) {
      ofDirectory = new Map();
      this.#newest.set(directory, ofDirectory);
    }
    const newest = ofDirectory.get(subject);
    if (newest !== undefined) {
      record.older = newest;
      newest.newer = record;
    }
    ofDirectory.set(subject, record);
  }

  remove(record: MemoryRecord): void {
    const { older, newer } = record;
    if (older !== null) older.newer = newer;
    if (newer !== null) {
      newer.older = older;
    } else {
      const { directory, subject } = record.principal;
      const ofDirectory = this.#newest.get(directory);
      if (older === null) ofDirectory?.delete(subject);
      else ofDirectory?.set(subject, older);
    }
    record.older = null;
    record.newer = null;
  }

  /** The newest first; a list of its own, so that its members may be removed meanwhile. */
  of(directory: string, subject: string): MemoryRecord[] {
    const records: MemoryRecord[] = [];
    let record = this.#newest.get(directory)?.get(subject) ?? null;
    for (; record !== null; record = record.older) records.push(record);
    return records;
  }
}

/** The impersonations, by whoever stands behind them and by the session that they were opened from. */
export class ImpersonationIndex {
  readonly #ofActor = new Map<string, Set<MemoryRecord>>();
  readonly #openedFrom = new Map<string, Set<MemoryRecord>>();

  add(record: MemoryRecord): void {
    if (record.actor === null) return;
    const { directory, subject, sessionKey } = record.actor;
    enter(this.#ofActor, userKeyOf(directory, subject), record);
    enter(this.#openedFrom, sessionKey, record);
  }

  remove(record: MemoryRecord): void {
    if (record.actor === null) return;
    const { directory, subject, sessionKey } = record.actor;
    leave(this.#ofActor, userKeyOf(directory, subject), record);
    leave(this.#openedFrom, sessionKey, record);
  }

  /** The oldest first. */
  ofActor(directory: string, subject: string): MemoryRecord[] {
    return [...(this.#ofActor.get(userKeyOf(directory, subject)) ?? [])];
  }

  openedFrom(sessionKey: string): MemoryRecord[] {
    return [...(this.#openedFrom.get(sessionKey) ?? [])];
  }
}

/** One string for (directory, subject) that no other pair has, whatever is in them. */
export function userKeyOf(directory: string, subject: string): string {
  return `${String(directory.length)}:${directory}${subject}`;
}

function enter(index: Map<string, Set<MemoryRecord>>, key: string, record: MemoryRecord): void {
  const records = index.get(key);
  if (records === undefined) index.set(key, new Set([record]));
  else records.add(record);
}

function leave(index: Map<string, Set<MemoryRecord>>, key: string, record: MemoryRecord): void {
  const records = index.get(key);
  if (records === undefined) return;
  records.delete(record);
  if (records.size === 0) index.delete(key);
}
