import type { BucketShare, BucketStore, EmptyBucket, Taking } from '../lib/bucket-store.ts';
import type { PlaceStore } from '../lib/place-store.ts';
import { throttleTopic, type ThrottleQuestion } from './throttle-shelf.ts';
import type { WorkerSeat } from './worker-seat.ts';

/** A primary that is busy for longer cannot be waited for. */
const answerMs = 2_000;

/** The counts of attempts, kept by the primary for all its workers. Without its answer nobody is let try. */
export class PrimaryThrottle implements BucketStore, PlaceStore {
  readonly #seat: Pick<WorkerSeat, 'ask'>;

  constructor(seat: Pick<WorkerSeat, 'ask'>) {
    this.#seat = seat;
  }

  async take(shares: readonly BucketShare[]): Promise<Taking> {
    const answer = await this.#ask({ deed: 'take', shares });
    // Both ends are of one package; null is no answer.
    return answer === null ? { kind: 'unavailable' } : (answer as Taking);
  }

  async giveBack(shares: readonly BucketShare[]): Promise<void> {
    await this.#ask({ deed: 'giveBack', shares });
  }

  async charge(share: BucketShare): Promise<void> {
    await this.#ask({ deed: 'charge', share });
  }

  async listEmpty(max: number): Promise<readonly EmptyBucket[]> {
    // See `take`.
    return ((await this.#ask({ deed: 'listEmpty', max })) ?? []) as readonly EmptyBucket[];
  }

  async refill(keys: readonly string[] | 'all'): Promise<number> {
    return Number(await this.#ask({ deed: 'refill', keys }));
  }

  async has(who: string, where: string): Promise<boolean> {
    return (await this.#ask({ deed: 'has', who, where })) === true;
  }

  async of(who: string): Promise<readonly string[]> {
    // See `take`.
    return ((await this.#ask({ deed: 'of', who })) ?? []) as readonly string[];
  }

  async add(who: string, where: string): Promise<void> {
    await this.#ask({ deed: 'add', who, where });
  }

  #ask(question: ThrottleQuestion): Promise<unknown> {
    return this.#seat.ask(throttleTopic, question, answerMs);
  }
}
