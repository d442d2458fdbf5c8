import { isWorkerFacts, type WorkerFacts } from './worker-facts.ts';

/** Where workers of several nodes leave a note about themselves. Calls reject where nobody answers. */
export interface BoardStore {
  put(member: string, note: string): Promise<void>;
  /** By member; of those only who are in the table of members. Null notes: the member has left none that is known. */
  notes(): Promise<ReadonlyMap<string, string | null>>;
}

/** What workers of all nodes say of themselves, where they share a store. */
export class NodeBoard {
  readonly #store: BoardStore;
  readonly #facts: () => WorkerFacts;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: BoardStore, facts: () => WorkerFacts, everyMs = 1_000) {
    this.#store = store;
    this.#facts = facts;
    this.#everyMs = everyMs;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#put(), this.#everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Null: nobody answers. */
  async all(): Promise<readonly WorkerFacts[] | null> {
    try {
      const notes = await this.#store.notes();
      return [...notes].map(([member, note]) => factsIn(note) ?? silentMember(member));
    } catch {
      return null;
    }
  }

  async #put(): Promise<void> {
    const facts = this.#facts();
    try {
      await this.#store.put(facts.member, JSON.stringify(facts));
    } catch {
      // The next one is as good.
    }
  }
}

function factsIn(note: string | null): WorkerFacts | null {
  if (note === null) return null;
  const value: unknown = JSON.parse(note); // sealed by one of us
  return isWorkerFacts(value) ? value : null;
}

/** It polls, and says nothing of itself: one of an older version, or one that has just begun. */
function silentMember(member: string): WorkerFacts {
  return {
    ...{ node: '?', worker: 0, pid: 0, member, state: 'unknown', leaseMs: null, members: 0 },
    ...{ requests: 0, errors: 0, settled: 0, settledMs: 0, cachedSessions: 0, streams: 0 },
    streamsOf: {},
  };
}
