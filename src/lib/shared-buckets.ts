import type {
  BucketShare,
  BucketStore,
  EmptyBucket,
  LeaseOrder,
  Leasing,
  Taking,
} from './bucket-store.ts';
import type { Reach } from './reach.ts';

/** Kept of an outage, to be told when it is over. */
const untoldMax = 10_000;
/** Told at a time, so that what others ask is answered between. */
const toldAtOnce = 50;

export interface SharedBucketsParts {
  /** Of all processes; may be away. */
  readonly shared: BucketStore;
  /** Always there. */
  readonly own: BucketStore;
  readonly reach: Reach;
}

/**
 * The buckets of all processes while they can be reached, and our own while not. Our own are told of everything that we
 * took, so an outage begins with what is known here; and what was taken while it lasted is told the others when it ends.
 */
export class SharedBuckets implements BucketStore {
  readonly #shared: BucketStore;
  readonly #own: BucketStore;
  readonly #reach: Reach;
  readonly #untold = new Map<string, { readonly share: BucketShare; tokens: number }>();
  #isTelling = false;

  constructor({ own, reach, shared }: SharedBucketsParts) {
    this.#shared = shared;
    this.#own = own;
    this.#reach = reach;
  }

  async take(shares: readonly BucketShare[]): Promise<Taking> {
    if (this.#reach.isWorthAsking()) {
      const taking = await this.#shared.take(shares);
      if (taking.kind === 'unavailable') this.#reach.failed();
      else {
        this.#reach.answered();
        if (!this.#isTelling) void this.#tell();
        if (taking.kind === 'taken') await this.#chargeOwn(shares);
        return taking;
      }
    }
    const taking = await this.#own.take(shares);
    if (taking.kind === 'taken') for (const share of shares) this.#owe(share, 1);
    return taking;
  }

  lease(orders: readonly LeaseOrder[]): Leasing | Promise<Leasing> {
    return this.#shared.lease(orders);
  }

  async giveBack(shares: readonly BucketShare[]): Promise<void> {
    await this.#own.giveBack(shares);
    const told = shares.filter(({ key }) => !this.#forgive(key));
    if (told.length > 0) await this.#tryShared((shared) => shared.giveBack(told));
  }

  async charge(share: BucketShare, tokens: number): Promise<void> {
    await this.#own.charge(share, tokens);
    if (!(await this.#tryShared((shared) => shared.charge(share, tokens))))
      this.#owe(share, tokens);
  }

  async listEmpty(max: number): Promise<readonly EmptyBucket[]> {
    let found: readonly EmptyBucket[] = [];
    const isDone = await this.#tryShared(async (shared) => {
      found = await shared.listEmpty(max);
    });
    return isDone ? found : await this.#own.listEmpty(max);
  }

  async refill(keys: readonly string[] | 'all'): Promise<number> {
    let count = 0;
    const isDone = await this.#tryShared(async (shared) => {
      count = await shared.refill(keys);
    });
    if (keys === 'all') this.#untold.clear();
    else for (const key of keys) this.#untold.delete(key);
    const here = await this.#own.refill(keys);
    return isDone ? count : here;
  }

  async #chargeOwn(shares: readonly BucketShare[]): Promise<void> {
    await Promise.all(shares.map(async (share) => await this.#own.charge(share, 1)));
  }

  /** False where nobody answered. */
  async #tryShared(call: (shared: BucketStore) => void | Promise<void>): Promise<boolean> {
    if (!this.#reach.isWorthAsking()) return false;
    try {
      await call(this.#shared);
      this.#reach.answered();
      return true;
    } catch {
      this.#reach.failed();
      return false;
    }
  }

  #owe(share: BucketShare, tokens: number): void {
    const known = this.#untold.get(share.key);
    if (known !== undefined) known.tokens += tokens;
    else if (this.#untold.size < untoldMax) this.#untold.set(share.key, { share, tokens });
  }

  /** Whether a token was one that the others never heard of. */
  #forgive(key: string): boolean {
    const known = this.#untold.get(key);
    if (known === undefined) return false;
    known.tokens -= 1;
    if (known.tokens === 0) this.#untold.delete(key);
    return true;
  }

  /** Nobody's login waits for that. */
  async #tell(): Promise<void> {
    this.#isTelling = true;
    let isHeard = true;
    while (isHeard && this.#untold.size > 0) isHeard = await this.#tellSome();
    this.#isTelling = false;
  }

  async #tellSome(): Promise<boolean> {
    const some = [...this.#untold.values().take(toldAtOnce)];
    for (const { share } of some) this.#untold.delete(share.key);
    const told = some.map(async ({ share, tokens }) => await this.#shared.charge(share, tokens));
    const ends = await Promise.allSettled(told);
    for (const [index, end] of ends.entries()) {
      const one = some[index];
      if (end.status === 'rejected' && one !== undefined) this.#owe(one.share, one.tokens);
    }
    return ends.every(({ status }) => status === 'fulfilled');
  }
}
