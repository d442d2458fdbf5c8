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
const soonMs = 50;
/** And what is less than such a part of our share, so that many quiet clients cost little. */
const laterMs = 1_000;
const partsOfShare = 16;
/** However slow the store is, so many wait for it. */
const questionsMax = 2;
/** Whoever makes up names is counted here: the store hears of so many new ones in a second. */
const strangersMax = 2_000;
const strangersMs = 1_000;
/** A store that was away is looked for so often. */
const lookAgainMs = 1_000;
/** Sums of fractions are not exact. */
const hairPermits = 1e-6;

export interface LeasedBudgetParts {
  readonly limit: RateLimitConfig;
  readonly store: Pick<BucketStore, 'lease'>;
  readonly clock: Clock;
  /** What the store knows a key by; the key itself unless said. */
  readonly nameOf?: (key: string) => string;
}

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
  due: Due;
  /** The store has not been asked about it. */
  isStranger: boolean;
}

/** When it is asked for: not at all, with those who have time, with the next question; or it has been. */
const Due = { no: 0, later: 1, soon: 2, asked: 3 } as const;
type Due = (typeof Due)[keyof typeof Due];

/**
 * Budgets that several processes share. Permits are leased from the store by the batch, before those in hand run out;
 * what many budgets need is asked in one question, and no request waits for the answer. Refusals are decided here: a
 * bucket that is known to be empty is, until it is known to have a permit again. Nobody is refused for what is not
 * known: without permits in hand requests pass on credit, as long as what was told last leaves room.
 *
 * The over-shoot: somebody who comes to all of N processes at the same moment may have a whole burst of each before they
 * have heard of each other, which takes one answer of the store (up to `laterMs` more where it is little); so N bursts in
 * all, and the rate of each for as long as the answer takes, where one process alone would give one. It is not given:
 * the store is told, and the bucket is empty for so much longer.
 *
 * Of the names that the store has never been asked about only `strangersMax` in a second are told; the others are
 * counted here alone until there is room for them. While the store is away each process counts by itself, as if the
 * whole budget were its own.
 */
export class LeasedBudget implements RequestBudget {
  readonly #rule: BucketRule;
  readonly #depthMs: number;
  readonly #batch: number;
  readonly #store: Pick<BucketStore, 'lease'>;
  readonly #nameOf: (key: string) => string;
  readonly #clock: Clock;
  readonly #accounts: TwoGenerations<Account>;
  /** What is ours of a burst while everybody asks. */
  #share: number;
  #soon: Account[] = [];
  #later: Account[] = [];
  /** Has waited long enough. */
  #due: Account[] = [];
  #isUrgent = false;
  #isAlone = false;
  /** Questions without an answer. */
  #open = 0;
  #strangers = 0;
  #strangersSinceMs = -Infinity;
  #soonTimer: NodeJS.Timeout | undefined;
  #laterTimer: NodeJS.Timeout | undefined;

  constructor({ clock, limit, nameOf = (key) => key, store }: LeasedBudgetParts) {
    const { burst, keysMax, perMs, requests } = limit;
    this.#rule = { capacity: burst, refillMs: perMs / requests };
    this.#depthMs = burst * this.#rule.refillMs;
    this.#batch = Math.max(1, Math.floor(burst / batchesPerBurst));
    this.#share = Math.max(1, Math.floor(burst / sharersAtFirst));
    this.#store = store;
    this.#nameOf = nameOf;
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
      if (account.held <= account.lowWater) this.#askNow(account);
      return 0;
    }
    return this.#takeOnCredit(account, nowMs);
  }

  #takeOnCredit(account: Account, nowMs: number): number {
    const fullAtMs = Math.max(account.fullAtMs, nowMs) + this.#rule.refillMs;
    const overMs = fullAtMs - nowMs - this.#depthMs;
    if (overMs > 0.001) return overMs;
    account.fullAtMs = fullAtMs;
    if (this.#isAlone || (account.isStranger && !this.#isAdmitted(nowMs))) return 0;
    account.isStranger = false;
    account.owed += 1;
    account.used += 1;
    if (account.owed * 2 > this.#share) this.#askNow(account);
    else this.#ask(account, account.owed * partsOfShare > this.#share ? Due.soon : Due.later);
    return 0;
  }

  /** Whether the store may hear of one more that it has not heard of. */
  #isAdmitted(nowMs: number): boolean {
    if (nowMs - this.#strangersSinceMs >= strangersMs) {
      this.#strangersSinceMs = nowMs;
      this.#strangers = 0;
    }
    this.#strangers += 1;
    return this.#strangers <= strangersMax;
  }

  #heldBy(account: Account, nowMs: number): number {
    if (account.held === 0) return 0;
    const backMs = account.lapseAtMs - nowMs;
    const { refillMs } = this.#rule;
    if (backMs >= account.held * refillMs) return account.held;
    account.held = Math.max(0, Math.floor(backMs / refillMs + hairPermits));
    return account.held;
  }

  #accountOf(key: string, nowMs: number): Account {
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const account: Account = {
      ...{ key, fullAtMs: nowMs, held: 0, lapseAtMs: nowMs, lowWater: 0, owed: 0, used: 0 },
      ...{ due: Due.no, isStranger: true },
    };
    this.#accounts.add(key, account);
    return account;
  }

  /** When this turn ends. */
  #askNow(account: Account): void {
    if (account.due === Due.asked) return;
    this.#ask(account, Due.soon);
    if (this.#isUrgent) return;
    this.#isUrgent = true;
    setImmediate(() => this.#flushSoon());
  }

  #ask(account: Account, due: Due): void {
    // After an answer it is looked at again.
    if (account.due >= due) return;
    account.due = due;
    if (due === Due.soon) {
      this.#soon.push(account);
      this.#soonTimer ??= setTimeout(() => this.#flushSoon(), soonMs).unref();
    } else {
      this.#later.push(account);
      this.#laterTimer ??= setTimeout(() => this.flush(), laterMs).unref();
    }
  }

  /** Asks all that is to be asked. */
  flush(): void {
    clearTimeout(this.#laterTimer);
    this.#laterTimer = undefined;
    for (const account of this.#later) {
      // It may have been asked for meanwhile, and be here again.
      if (account.due !== Due.later) continue;
      account.due = Due.soon;
      this.#soon.push(account);
    }
    this.#later = [];
    this.#flushSoon();
  }

  #flushSoon(): void {
    clearTimeout(this.#soonTimer);
    this.#soonTimer = undefined;
    this.#isUrgent = false;
    for (const account of this.#soon) this.#due.push(account);
    this.#soon = [];
    this.#question();
  }

  /** Many are asked for bit by bit: names are hashed, and requests do not wait for that. */
  #question(): void {
    if (this.#isAlone) for (const account of this.#due.splice(0)) forgive(account);
    if (this.#due.length === 0 || this.#open >= questionsMax) return;
    void this.#order(this.#due.splice(0, ordersMax));
    if (this.#due.length > 0) setImmediate(() => this.#question());
  }

  async #order(accounts: readonly Account[]): Promise<void> {
    this.#open += 1;
    const orders = accounts.map((account) => {
      const { key, owed, used } = account;
      account.due = Due.asked;
      account.used = 0;
      return {
        key: this.#nameOf(key),
        rule: this.#rule,
        owed,
        wanted: Math.min(this.#batch, 2 * used),
      };
    });
    const leasing = await this.#store.lease(orders);
    const nowMs = this.#clock.monotonic();
    this.#open -= 1;
    if (leasing.kind === 'leased') {
      this.#share = Math.max(1, Math.floor(this.#rule.capacity / leasing.sharers));
    } else if (!this.#isAlone) {
      this.#isAlone = true;
      this.#lookLater();
    }
    for (const [index, account] of accounts.entries()) {
      account.due = Due.no;
      this.#settle(account, orders[index], leasing, index, nowMs);
    }
    this.#question();
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
      forgive(account);
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
    if (account.owed > 0) this.#askNow(account);
  }
}

/** What was let through counts here alone. */
function forgive(account: Account): void {
  account.due = Due.no;
  account.owed = 0;
}
