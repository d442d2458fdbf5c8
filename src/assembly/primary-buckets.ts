import type {
  BucketShare,
  BucketStore,
  BucketTable,
  EmptyBucket,
  LeaseOrder,
  Leasing,
  Taking,
} from '../lib/bucket-store.ts';
import type { PlaceStore } from '../lib/place-store.ts';
import { countTopic, type BucketQuestion, type CountQuestion } from './count-shelf.ts';
import type { WorkerSeat } from './worker-seat.ts';

/** A primary that is busy for longer cannot be waited for. */
const answerMs = 2_000;

type Seat = Pick<WorkerSeat, 'ask'>;

/** Buckets that the primary keeps for all its workers. Without its answer nobody is let try to log in. */
export class PrimaryBuckets implements BucketStore {
  readonly #seat: Seat;
  readonly #table: BucketTable;

  constructor(seat: Seat, table: BucketTable) {
    this.#seat = seat;
    this.#table = table;
  }

  async take(shares: readonly BucketShare[]): Promise<Taking> {
    const answer = await this.#ask({ deed: 'take', shares });
    // Both ends are of one package; null is no answer.
    return answer === null ? { kind: 'unavailable' } : (answer as Taking);
  }

  async lease(orders: readonly LeaseOrder[]): Promise<Leasing> {
    const answer = await this.#ask({ deed: 'lease', orders });
    // See `take`.
    return answer === null ? { kind: 'unavailable' } : (answer as Leasing);
  }

  async giveBack(shares: readonly BucketShare[]): Promise<void> {
    await this.#ask({ deed: 'giveBack', shares });
  }

  async charge(share: BucketShare, tokens: number): Promise<void> {
    await this.#ask({ deed: 'charge', share, tokens });
  }

  async listEmpty(max: number): Promise<readonly EmptyBucket[]> {
    // See `take`.
    return ((await this.#ask({ deed: 'listEmpty', max })) ?? []) as readonly EmptyBucket[];
  }

  async refill(keys: readonly string[] | 'all'): Promise<number> {
    return Number(await this.#ask({ deed: 'refill', keys }));
  }

  #ask(question: BucketQuestion): Promise<unknown> {
    const whole: CountQuestion = { ...question, table: this.#table };
    return this.#seat.ask(countTopic, whole, answerMs);
  }
}

/** From where people have logged in before, as the primary knows it from all its workers. */
export class PrimaryPlaces implements PlaceStore {
  readonly #seat: Seat;

  constructor(seat: Seat) {
    this.#seat = seat;
  }

  async has(who: string, where: string): Promise<boolean> {
    return (await this.#ask({ deed: 'has', who, where })) === true;
  }

  async of(who: string): Promise<readonly string[]> {
    // Both ends are of one package; null is no answer.
    return ((await this.#ask({ deed: 'of', who })) ?? []) as readonly string[];
  }

  async add(who: string, where: string): Promise<void> {
    await this.#ask({ deed: 'add', who, where });
  }

  #ask(question: CountQuestion): Promise<unknown> {
    return this.#seat.ask(countTopic, question, answerMs);
  }
}
