/** Upper bounds of the latency histogram, milliseconds. */
export const LATENCY_BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000] as const;

/** What one server was asked and how it answered. Plain numbers that a scrape reads. */
export class ServerTally {
  /** Requests that were sent, retries and WebSockets among them. */
  requests = 0;
  /** Answers by hundreds of the status. */
  readonly byStatusClass = [0, 0, 0, 0, 0, 0];
  /** Answers whose head came within each bound of `LATENCY_BOUNDS_MS`, one more for the rest; not cumulative. */
  readonly byLatency = LATENCY_BOUNDS_MS.map(() => 0).concat(0);
  latencySumMs = 0;

  answered(status: number, latencyMs: number): void {
    const statusClass = (status / 100) | 0;
    this.byStatusClass[statusClass] = (this.byStatusClass[statusClass] ?? 0) + 1;
    let bound = 0;
    while (bound < LATENCY_BOUNDS_MS.length && latencyMs > (LATENCY_BOUNDS_MS[bound] ?? 0)) bound++;
    this.byLatency[bound] = (this.byLatency[bound] ?? 0) + 1;
    this.latencySumMs += latencyMs;
  }
}
