import type { DurationTally, RequestTally } from '../observability/request-figures.ts';

/** Upper bounds of the duration histogram, milliseconds. */
export const DURATION_BOUNDS_MS = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000,
] as const;

/** How a request came, or what became of it: a WebSocket lasts longer than any answer. */
export const REQUEST_LANES = ['http/1.1', 'http/2', 'websocket', 'sidecar'] as const;
export type RequestLane = (typeof REQUEST_LANES)[number];

/** What is counted by name; the rest is `other`. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'] as const;
const other = methods.length - 1;
const methodIndexes = new Map<string, number>(
  methods.slice(0, other).map((name, at) => [name, at]),
);
/** By what somebody was let in. */
export const REQUEST_AUTHS = ['none', 'session', 'bearer'] as const;
export type RequestAuth = (typeof REQUEST_AUTHS)[number];
/** Hundreds of the status; none: the client went before any. */
const codes = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

const buckets = DURATION_BOUNDS_MS.length + 1;

/** What a route has answered. Plain numbers that a scrape reads: to count is five additions. */
export class RouteCounters {
  readonly listener: string;
  readonly route: string;
  /** Fields of clients that no upstream got: an alias of another name, or a name that only we set. */
  aliasesDropped = 0;
  managedDropped = 0;
  readonly #counts = new Float64Array(
    REQUEST_LANES.length * methods.length * REQUEST_AUTHS.length * codes.length,
  );
  /** Exchanges up to each bound of `DURATION_BOUNDS_MS`, one more for the rest; not cumulative. By lane. */
  readonly #durations = new Float64Array(REQUEST_LANES.length * buckets);
  readonly #sumsMs = new Float64Array(REQUEST_LANES.length);
  readonly #usualLane: RequestLane;

  /** `usualLane`: shown from the start, at 0. */
  constructor(listener: string, route: string, usualLane: RequestLane = 'http/1.1') {
    this.listener = listener;
    this.route = route;
    this.#usualLane = usualLane;
  }

  count(
    lane: RequestLane,
    method: string,
    auth: RequestAuth,
    status: number,
    durationMs: number,
  ): void {
    const laneAt = REQUEST_LANES.indexOf(lane);
    const methodAt = methodIndexes.get(method) ?? other;
    const row = (laneAt * methods.length + methodAt) * REQUEST_AUTHS.length;
    const code = Math.min((status / 100) | 0, codes.length - 1);
    add(this.#counts, (row + REQUEST_AUTHS.indexOf(auth)) * codes.length + code, 1);
    let bound = 0;
    while (bound < DURATION_BOUNDS_MS.length && durationMs > (DURATION_BOUNDS_MS[bound] ?? 0))
      bound++;
    add(this.#durations, laneAt * buckets + bound, 1);
    add(this.#sumsMs, laneAt, durationMs);
  }

  /** What has come to pass, and the usual at 0: a rate can only be told of a series that was there before. */
  requests(): RequestTally[] {
    const tallies: RequestTally[] = [];
    for (const [at, count] of this.#counts.entries()) {
      const code = codes[at % codes.length] ?? 'none';
      const row = Math.floor(at / codes.length);
      const auth = REQUEST_AUTHS[row % REQUEST_AUTHS.length] ?? 'none';
      const column = Math.floor(row / REQUEST_AUTHS.length);
      const method = methods[column % methods.length] ?? 'other';
      const lane = REQUEST_LANES[Math.floor(column / methods.length)] ?? this.#usualLane;
      const isUsual = lane === this.#usualLane && method === 'GET' && auth === 'none';
      if (count > 0 || isUsual) tallies.push({ lane, method, auth, code, count });
    }
    return tallies;
  }

  durations(): DurationTally[] {
    const all = REQUEST_LANES.map((lane, at): DurationTally => {
      const counts = this.#durations.subarray(at * buckets, (at + 1) * buckets);
      return { lane, counts: [...counts], sumMs: this.#sumsMs[at] ?? 0 };
    });
    return all.filter(({ counts, lane }) => lane === this.#usualLane || counts.some(Boolean));
  }
}

function add(numbers: Float64Array, at: number, more: number): void {
  numbers[at] = (numbers[at] ?? 0) + more;
}
