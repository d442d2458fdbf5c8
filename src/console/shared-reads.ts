import type { Clock } from '../lib/clock.ts';
import type { NodeBoard } from './node-board.ts';
import { readRows, type RowQuery, type RowSessions } from './session-rows.ts';
import type { WorkerFacts } from './worker-facts.ts';

type Rows = Awaited<ReturnType<typeof readRows>>;

interface Read<T> {
  readonly atMs: number;
  readonly answer: Promise<T>;
}

/** More than from one look of a stream to the next: however many look, the store is asked at every second look at most. */
const freshMs = 600;
/** Notes are written once a second. */
const notesFreshMs = 1_000;
const queriesMax = 64;

/** What the store says, asked for at most a few times a second however many look. */
export class SharedReads {
  readonly #sessions: RowSessions;
  readonly #board: NodeBoard | null;
  readonly #directories: readonly string[];
  readonly #clock: Clock;
  readonly #rows = new Map<string, Read<Rows>>();
  #others: Read<readonly WorkerFacts[] | null> | null = null;

  constructor(
    sessions: RowSessions,
    board: NodeBoard | null,
    directories: readonly string[],
    clock: Clock,
  ) {
    this.#sessions = sessions;
    this.#board = board;
    this.#directories = directories;
    this.#clock = clock;
  }

  /** Something has changed by our own doing. */
  forget(): void {
    this.#rows.clear();
  }

  /** Null: the store does not answer. */
  rows(query: RowQuery): Promise<Rows> {
    const key = `${String(query.skip)} ${query.user ?? ''}`;
    const known = this.#rows.get(key);
    if (known !== undefined && this.#isFresh(known, freshMs)) return known.answer;
    if (this.#rows.size >= queriesMax) this.#rows.clear();
    const answer = readRows(this.#sessions, this.#directories, query);
    this.#rows.set(key, { atMs: this.#clock.monotonic(), answer });
    return answer;
  }

  /** Workers of all nodes; null: nobody says, or there is nobody else. */
  others(): Promise<readonly WorkerFacts[] | null> {
    if (this.#board === null) return Promise.resolve(null);
    if (this.#others === null || !this.#isFresh(this.#others, notesFreshMs)) {
      this.#others = { atMs: this.#clock.monotonic(), answer: this.#board.all() };
    }
    return this.#others.answer;
  }

  /** What a worker of this node says itself is newer than its note. */
  together(own: readonly WorkerFacts[], others: readonly WorkerFacts[]): readonly WorkerFacts[] {
    const here = new Set(own.map(({ member }) => member));
    return [...own, ...others.filter(({ member }) => !here.has(member))];
  }

  #isFresh({ atMs }: Read<unknown>, ms: number): boolean {
    return this.#clock.monotonic() - atMs < ms;
  }
}
