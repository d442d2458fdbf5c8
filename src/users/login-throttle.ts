import { BlockList, isIPv6 } from 'node:net';
import type { FailureRate, LoginThrottleConfig } from '../config/login-throttle.ts';
import type { BucketRule, BucketShare, BucketStore } from '../lib/bucket-store.ts';
import type { PlaceStore } from '../lib/place-store.ts';
import { accountKeyOf, networkOf, siteOf } from './throttle-key.ts';

/** What has run out: attempts at the account, from the address, or in all. */
export type ThrottledBy = 'account' | 'address' | 'overall';

/** Whether a password may be looked at. */
export type Admission =
  | { readonly kind: 'admitted'; readonly attempt: LoginAttempt }
  | { readonly kind: 'throttled'; readonly by: ThrottledBy; readonly waitMs: number }
  | { readonly kind: 'unavailable' };

/** An attempt that is counted already, as if it failed. Exactly one of these is called, once. */
export interface LoginAttempt {
  accepted(subject: string): Promise<void>;
  /** `subject`: whose name it was, as the directory spells it; null: nobody's, or nobody says. */
  rejected(subject: string | null): Promise<void>;
  /** Counts against nobody. */
  undecided(): Promise<void>;
}

/** Somebody or something that has to wait. */
export interface Ban {
  readonly kind: ThrottledBy;
  /** The account (as it is counted), the network, or empty. */
  readonly name: string;
  /** Of an account: the network where it has logged in before; null: all others. */
  readonly network: string | null;
  readonly waitMs: number;
}

export interface LoginThrottleParts {
  readonly config: LoginThrottleConfig;
  readonly buckets: BucketStore;
  readonly places: PlaceStore;
}

/** More than anybody reads. */
const bansMax = 10_000;
/** Names under which people are known besides their own. */
const aliasesMax = 10_000;
const overallKey = 'overall';
/** Of all that strangers may fail, one site has such a part. */
const sitesPerOverall = 10;

const admitted: Admission = Object.freeze({
  kind: 'admitted',
  attempt: Object.freeze({
    accepted: async () => {},
    rejected: async () => {},
    undecided: async () => {},
  }),
});

/**
 * Slows down guessing. A failed login takes a token from the account, from the address and from all; one that meets an
 * empty bucket is not even looked at, whether there is such an account or not.
 *
 * - Tokens are taken before the password is checked and given back if it was right, so that a thousand attempts at the
 *   same moment are a thousand attempts.
 * - An account at a network where it has logged in before has a bucket of its own there and takes from no other one:
 *   strangers keep nobody out who is at home.
 * - A site, the /48 of an IPv6 address, holds 65,536 networks, each with an address's count: all of them together can use
 *   up no more than a tenth of what there is for all strangers.
 * - An account that is known by several names is one: a refusal says whose name it was, and the next one is counted
 *   there.
 */
export class LoginThrottle {
  readonly #config: LoginThrottleConfig;
  readonly #buckets: BucketStore;
  readonly #places: PlaceStore;
  readonly #exempt = new BlockList();
  readonly #aliases = new Map<string, string>();

  constructor({ buckets, config, places }: LoginThrottleParts) {
    this.#config = config;
    this.#buckets = buckets;
    this.#places = places;
    for (const range of config.exemptAddresses) {
      const [address = '', bits] = range.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      this.#exempt.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
    }
  }

  /** `username` null: somebody who does not say, with a token of a third party. */
  async begin(username: string | null, address: string): Promise<Admission> {
    if (!this.#config.isEnabled) return admitted;
    const typed = username === null ? null : accountKeyOf(username);
    const account = typed === null ? null : (this.#aliases.get(typed) ?? typed);
    const network = networkOf(address);
    const isAtHome = account !== null && (await this.#places.has(account, network));
    const shares = isAtHome
      ? [this.#placeShare(account, network)]
      : this.#strangerShares(account, address, network);
    const taking = await this.#buckets.take(shares);
    switch (taking.kind) {
      case 'taken':
        return { kind: 'admitted', attempt: this.#attempt({ typed, account, network, shares }) };
      case 'empty':
        return { kind: 'throttled', by: throttledBy(taking.key), waitMs: taking.waitMs };
      case 'unavailable':
        return taking;
    }
  }

  async bans(): Promise<readonly Ban[]> {
    const empty = await this.#buckets.listEmpty(bansMax);
    return empty.map(({ key, waitMs }) => {
      const [, first = '', second] = key.split('\n');
      return second === undefined
        ? { kind: throttledBy(key), name: first, network: null, waitMs }
        : { kind: throttledBy(key), name: first, network: second, waitMs };
    });
  }

  /** Returns how many counts that ended. */
  async clear(whom: { account: string } | { address: string } | 'all'): Promise<number> {
    if (whom === 'all') return await this.#buckets.refill('all');
    if ('address' in whom) {
      const networks = [networkOf(whom.address), siteOf(whom.address)];
      const keys = networks.filter((one) => one !== null).map((one) => `address\n${one}`);
      return await this.#buckets.refill(keys);
    }
    const typed = accountKeyOf(whom.account);
    if (typed === null) return 0;
    const account = this.#aliases.get(typed) ?? typed;
    const networks = await this.#places.of(account);
    const places = networks.map((network) => this.#placeShare(account, network));
    return await this.#buckets.refill([
      `account\n${typed}`,
      ...(account === typed ? [] : [`account\n${account}`]),
      ...places.map(({ key }) => key),
    ]);
  }

  #attempt(seen: {
    readonly typed: string | null;
    readonly account: string | null;
    readonly network: string;
    readonly shares: readonly BucketShare[];
  }): LoginAttempt {
    const { account, network, shares, typed } = seen;
    const giveBack = async (): Promise<void> => await this.#buckets.giveBack(shares);
    return {
      undecided: giveBack,
      accepted: async (subject) => {
        await giveBack();
        const own = accountKeyOf(subject);
        // What a third party says is no proof that an account of that name is at home here.
        if (own === null || typed === null) return;
        await this.#places.add(own, network);
      },
      rejected: async (subject) => {
        const own = subject === null ? null : accountKeyOf(subject);
        if (own === null || typed === null || account === null || own === account) return;
        this.#remember(typed, own);
        const counted = shares.filter(({ key }) => key === `account\n${account}`);
        await this.#buckets.giveBack(counted);
        await this.#buckets.charge(this.#accountShare(own), 1);
      },
    };
  }

  /** Only names that are really somebody's come here. */
  #remember(alias: string, account: string): void {
    this.#aliases.set(alias, account);
    if (this.#aliases.size <= aliasesMax) return;
    const [oldest] = this.#aliases.keys();
    if (oldest !== undefined) this.#aliases.delete(oldest);
  }

  #strangerShares(account: string | null, address: string, network: string): BucketShare[] {
    const { address: addressRate, overall } = this.#config;
    const isCounted = !this.#exempt.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
    const site = siteOf(address);
    const siteRule = siteRuleOf(ruleOf(addressRate), ruleOf(overall));
    return [
      ...(account === null ? [] : [this.#accountShare(account)]),
      ...(isCounted ? [{ key: `address\n${network}`, rule: ruleOf(addressRate) }] : []),
      ...(isCounted && site !== null ? [{ key: `address\n${site}`, rule: siteRule }] : []),
      { key: overallKey, rule: ruleOf(overall) },
    ];
  }

  #accountShare(account: string): BucketShare {
    return { key: `account\n${account}`, rule: ruleOf(this.#config.account) };
  }

  #placeShare(account: string, network: string): BucketShare {
    return { key: `account\n${account}\n${network}`, rule: ruleOf(this.#config.account) };
  }
}

function ruleOf({ failures, regainMs }: FailureRate): BucketRule {
  return { capacity: failures, refillMs: regainMs };
}

/** Never less than one network of it has. */
function siteRuleOf(address: BucketRule, overall: BucketRule): BucketRule {
  return {
    capacity: Math.max(address.capacity, Math.floor(overall.capacity / sitesPerOverall)),
    refillMs: Math.min(address.refillMs, overall.refillMs * sitesPerOverall),
  };
}

/** What a bucket counts, by its key. */
export function throttledBy(key: string): ThrottledBy {
  if (key === overallKey) return 'overall';
  return key.startsWith('address') ? 'address' : 'account';
}
