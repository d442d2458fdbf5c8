import type { RateLimitConfig } from '../config/rate-limit.ts';
import { LeasedBudget } from '../gateway/leased-budget.ts';
import { RateLimit } from '../gateway/rate-limit.ts';
import type { RequestBudget } from '../gateway/request-budget.ts';
import { TokenBuckets } from '../gateway/token-buckets.ts';
import type { BucketStore, BucketTable } from '../lib/bucket-store.ts';
import { systemClock } from '../lib/clock.ts';
import type { PlaceStore } from '../lib/place-store.ts';
import { Reach } from '../lib/reach.ts';
import { SharedBuckets } from '../lib/shared-buckets.ts';
import { SharedPlaces } from '../lib/shared-places.ts';
import { sessionKeyOf } from '../session/session.ts';
import { LoginThrottle } from '../users/login-throttle.ts';
import { CountShelf, loginTable } from './count-shelf.ts';
import { PrimaryBuckets, PrimaryPlaces } from './primary-buckets.ts';
import type { WorkerParts } from './shared.ts';

/** Counts that several nodes share. */
export interface NodeCounts {
  buckets(table: BucketTable, isListed: boolean): BucketStore;
  readonly places: PlaceStore;
}

/** What slows down those who ask or guess too much. */
export interface Counts {
  readonly limits: ReadonlyMap<string, RateLimit>;
  readonly throttle: LoginThrottle;
  /** Null: the primary has them. */
  readonly shelf: CountShelf | null;
  /** How many of those that are to be shared are not at the moment; null: there are none. */
  readonly alone: (() => number) | null;
}

/**
 * Attempts and requests are counted as far as there is something shared: by all nodes where sessions are in Redis, else
 * by all workers of a node, in its primary, else here.
 */
export function createCounts(
  { config, seat }: Pick<WorkerParts, 'config' | 'seat'>,
  nodes: NodeCounts | null,
): Counts {
  const leased: LeasedBudget[] = [];
  const budgetOf = (limit: RateLimitConfig): RequestBudget => {
    const { keysMax, name } = limit;
    const table: BucketTable = { name: `rate:${name}`, entriesMax: keysMax, whenFull: 'forget' };
    const atPrimary = seat === null ? null : new PrimaryBuckets(seat, table);
    const store = nodes?.buckets(table, false) ?? atPrimary;
    if (store === null) return new TokenBuckets(limit);
    const budget = new LeasedBudget({
      ...{ limit, store, clock: systemClock },
      // An id of a session leaves the process inside a token only.
      ...(limit.key.by === 'session' && { nameOf: sessionKeyOf }),
    });
    leased.push(budget);
    return budget;
  };
  const limits = new Map(
    config.rateLimits.map((limit) => [limit.name, new RateLimit(limit, budgetOf(limit))]),
  );
  const { entriesMax } = config.login.throttle;
  const atNode = countsAtNode(entriesMax, seat);
  const reach = new Reach(systemClock);
  const { buckets, places } =
    nodes === null ? atNode : countsOfNodes(nodes, loginTable(entriesMax), atNode, reach);
  const throttle = new LoginThrottle({ config: config.login.throttle, buckets, places });
  const alone = (): number =>
    leased.filter(({ isAlone }) => isAlone).length + (reach.isAway ? 1 : 0);
  const isShared = leased.length > 0 || nodes !== null;
  return { limits, throttle, shelf: atNode.shelf, alone: isShared ? alone : null };
}

interface LoginCounts {
  readonly buckets: BucketStore;
  readonly places: PlaceStore;
}

function countsAtNode(
  entriesMax: number,
  seat: WorkerParts['seat'],
): LoginCounts & Pick<Counts, 'shelf'> {
  if (seat !== null) {
    const buckets = new PrimaryBuckets(seat, loginTable(entriesMax));
    return { shelf: null, buckets, places: new PrimaryPlaces(seat) };
  }
  const shelf = new CountShelf(entriesMax);
  return { shelf, buckets: shelf.buckets, places: shelf.places };
}

function countsOfNodes(
  nodes: NodeCounts,
  table: BucketTable,
  own: LoginCounts,
  reach: Reach,
): LoginCounts {
  return {
    buckets: new SharedBuckets({ shared: nodes.buckets(table, true), own: own.buckets, reach }),
    places: new SharedPlaces({ shared: nodes.places, own: own.places, reach }),
  };
}
