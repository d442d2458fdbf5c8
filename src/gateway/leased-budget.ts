import type { RateLimitConfig } from '../config/rate-limit.ts';
import type { BucketRule, BucketStore, LeaseOrder, Leasing } from '../lib/bucket-store.ts';
import type { Clock } from '../lib/clock.ts';
import { TwoGenerations } from '../lib/two-generations.ts';
import type { RequestBudget } from './request-budget.ts';

/** Who else has leases is not known before the first answer. */
const sharersAtFirst = 4;
/** What is asked for ahead is at most such a part of the burst. */
const batchesPerBurst = 4;
/** In one question, so that the store is never held up for long. */
const ordersMax = 200;
/** What has time is asked together with what comes until then. */
const gatherMs = 50;
/** Who has to wait for an answer for longer than that is judged by what is known here. */
const patienceMs = 30;
/** A store that was away is looked for so often. */
const lookAgainMs = 1_000;
/** Sums of fractions are not exact. */
const hairPermits = 1e-6;

/** What this process knows and has of one budget. */
interface Account {
  readonly key: string;
  /** When the shared bucket will be full again, as far as is known here. */
  fullAtMs: number;
  /** Permits in hand. */
  held: number;
  /** When the bucket has all back that this process took: permits lapse as it gets them back, and nobody has less. */
  lapseAtMs: number;
  /** What is left of them when more are asked for. */
  lowWater: number;
  /** Requests that were let through on credit and that the store has not heard of. */
  owed: number;
  /** Requests since the last question. */
  used: number;
  /** When the question was asked that is not answered yet; 0: there is none. */
  askedAtMs: number;
  isDue: boolean;
}

/**
 * Budgets that several processes share. Permits are leased from the store by the batch, before those in hand run out;
 * what many budgets need is asked in one question, and no request waits for the answer. Refusals are decided here: a
 * bucket that is known to be empty is, until it is known to have a permit again.
 *
 * The over-shoot: of somebody that a process holds no permits for it knows no more than what it was told last. Of N
 * processes each lets at most an Nth part of the burst through, and at least one request, before it has heard back; so
 * whatever comes at once, all together never let more through than one further burst (one request each, where N is
 * more than the burst; a process that has just begun takes N for four). It is not given: the store is told, and the
 * bucket is empty for so much longer.
 *
 * While the store is away each process counts by itself, as if the whole budget were its own.
 */
export class LeasedBudget implements RequestBudget {
  readonly #rule: BucketRule;
  readonly #depthMs: number;
  readonly #batch: number;
  readonly #store: Pick<BucketStore, 'lease'>;
  readonly #clock: Clock;
  readonly #accounts: TwoGenerations<Account>;
  #credit: number;
  #due: Account[] = [];
  #isUrgent = false;
  #isAlone = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    { burst, keysMax, perMs, requests }: RateLimitConfig,
    store: Pick<BucketStore, 'lease'>,
    clock: Clock,
  ) {
    this.#rule = { capacity: burst, refillMs: perMs / requests };
    this.#depthMs = burst * this.#rule.refillMs;
    this.#batch = Math.max(1, Math.floor(burst / batchesPerBurst));
    this.#credit = Math.max(1, Math.floor(burst / sharersAtFirst));
    this.#store = store;
    this.#clock = clock;
    this.#accounts = new TwoGenerations(keysMax);
  }

  get size(): number {
    return this.#accounts.size;
  }

  /** Whether this process counts by itself, because the store does not answer. */
  get isAlone(): boolean {
    return this.#isAlone;
  }

  take(key: string, nowMs: number): number {
    const account = this.#accountOf(key, nowMs);
    if (this.#heldBy(account, nowMs) > 0) {
      account.held -= 1;
      account.used += 1;
      if (account.held <= account.lowWater) this.#ask(account, true);
      return 0;
    }
    return this.#takeOnCredit(account, nowMs);
  }

  #takeOnCredit(account: Account, nowMs: number): number {
    const fullAtMs = Math.max(account.fullAtMs, nowMs) + this.#rule.refillMs;
    const overMs = fullAtMs - nowMs - this.#depthMs;
    if (overMs > 0.001) return overMs;
    if (account.owed >= this.#credit && !this.#isAloneWith(account, nowMs)) return patienceMs;
    account.fullAtMs = fullAtMs;
    account.owed += 1;
    account.used += 1;
    this.#ask(account, account.owed * 2 > this.#credit);
    return 0;
  }

  #heldBy(account: Account, nowMs: number): number {
    const backMs = account.lapseAtMs - nowMs;
    const { refillMs } = this.#rule;
    if (backMs >= account.held * refillMs) return account.held;
    account.held = Math.max(0, Math.floor(backMs / refillMs + hairPermits));
    return account.held;
  }

  #isAloneWith({ askedAtMs }: Account, nowMs: number): boolean {
    return this.#isAlone || (askedAtMs !== 0 && nowMs - askedAtMs > patienceMs);
  }

  #accountOf(key: string, nowMs: number): Account {
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const account: Account = {
      ...{ key, fullAtMs: nowMs, held: 0, lapseAtMs: nowMs, lowWater: 0, owed: 0, used: 0 },
      ...{ askedAtMs: 0, isDue: false },
    };
    this.#accounts.add(key, account);
    return account;
  }

  /** With the next question; that is asked when this turn ends, or a little later. */
  #ask(account: Account, isUrgent: boolean): void {
    // After the answer it is looked at again.
    if (account.askedAtMs !== 0) return;
    if (!account.isDue) {
      account.isDue = true;
      this.#due.push(account);
    }
    if (isUrgent && !this.#isUrgent) {
      this.#isUrgent = true;
      setImmediate(() => this.flush());
    } else this.#timer ??= setTimeout(() => this.flush(), gatherMs).unref();
  }

  /** Asks what is to be asked now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isUrgent = false;
    const due = this.#due;
    this.#due = [];
    for (const account of due) account.isDue = false;
    // What is let through meanwhile counts here alone.
    if (this.#isAlone) for (const account of due) account.owed = 0;
    else this.#question(due);
  }

  #question(due: readonly Account[]): void {
    for (let at = 0; at < due.length; at += ordersMax) {
      void this.#order(due.slice(at, at + ordersMax));
    }
  }

  async #order(accounts: readonly Account[]): Promise<void> {
    const askedAtMs = this.#clock.monotonic();
    const orders = accounts.map((account) => {
      const { key, owed, used } = account;
      account.askedAtMs = askedAtMs;
      account.used = 0;
      return { key, rule: this.#rule, owed, wanted: Math.min(this.#batch, 2 * used) };
    });
    const leasing = await this.#store.lease(orders);
    if (leasing.kind === 'leased') {
      this.#credit = Math.max(1, Math.floor(this.#rule.capacity / leasing.sharers));
    } else if (!this.#isAlone) {
      this.#isAlone = true;
      this.#lookLater();
    }
    const nowMs = this.#clock.monotonic();
    for (const [index, account] of accounts.entries()) {
      account.askedAtMs = 0;
      this.#settle(account, orders[index], leasing, index, nowMs);
    }
  }

  /** No request is to find out whether the store is back. */
  #lookLater(): void {
    setTimeout(() => void this.#look(), lookAgainMs).unref();
  }

  async #look(): Promise<void> {
    const { kind } = await this.#store.lease([]);
    if (kind === 'leased') this.#isAlone = false;
    else this.#lookLater();
  }

  #settle(
    account: Account,
    order: LeaseOrder | undefined,
    leasing: Leasing,
    index: number,
    nowMs: number,
  ): void {
    const lease = leasing.kind === 'leased' ? leasing.leases[index] : undefined;
    if (order === undefined || lease === undefined) {
      account.owed = 0;
      return;
    }
    const { refillMs } = this.#rule;
    const { fullInMs, granted } = lease;
    const held = this.#heldBy(account, nowMs) + granted;
    const owed = account.owed - order.owed;
    // The store knows what others took. A store that has forgotten knows less than is known here.
    const here = Math.max(account.fullAtMs, nowMs) + granted * refillMs;
    const there = nowMs + fullInMs + owed * refillMs;
    // What came while the question was under way is paid with what was granted.
    const paid = Math.min(owed, held);
    account.fullAtMs = Math.max(here, there) - paid * refillMs;
    account.lapseAtMs = Math.max(account.lapseAtMs, nowMs) + (order.owed + granted) * refillMs;
    account.held = held - paid;
    account.lowWater = Math.floor(account.held / 2);
    account.owed = owed - paid;
    if (account.owed > 0) this.#ask(account, true);
  }
}
