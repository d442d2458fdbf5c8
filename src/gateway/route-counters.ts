/** Upper bounds of the duration histogram, milliseconds. */
export const DURATION_BOUNDS_MS = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000,
] as const;

/** What a route has answered. Plain numbers that a scrape reads. */
export class RouteCounters {
  readonly listener: string;
  readonly route: string;
  /** Exchanges by hundreds of the status; 0: the client went before any. */
  readonly byStatusClass = [0, 0, 0, 0, 0, 0];
  /** Exchanges up to each bound of `DURATION_BOUNDS_MS`, one more for the rest; not cumulative. */
  readonly byDuration = DURATION_BOUNDS_MS.map(() => 0).concat(0);
  durationSumMs = 0;

  constructor(listener: string, route: string) {
    this.listener = listener;
    this.route = route;
  }

  count(status: number, durationMs: number): void {
    const statusClass = (status / 100) | 0;
    this.byStatusClass[statusClass] = (this.byStatusClass[statusClass] ?? 0) + 1;
    let bound = 0;
    while (bound < DURATION_BOUNDS_MS.length && durationMs > (DURATION_BOUNDS_MS[bound] ?? 0))
      bound++;
    this.byDuration[bound] = (this.byDuration[bound] ?? 0) + 1;
    this.durationSumMs += durationMs;
  }
}
