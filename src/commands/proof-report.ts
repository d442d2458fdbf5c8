/** What came of one session. */
export interface ProofRound {
  /** From the reply of the store to the last node's first refusal. */
  readonly refusedAfterMs: number;
  /** Until every member had acknowledged, or its time was over. */
  readonly settledAfterMs: number;
  readonly unacknowledged: number;
  /** Accepted although they were sent when all had acknowledged. */
  readonly stale: number;
  readonly requests: number;
}

export interface ProofReport {
  readonly nodes: readonly string[];
  readonly connections: number;
  readonly stalenessMs: number;
  readonly rounds: readonly ProofRound[];
}

/** The whole, as `--format json` prints it. */
export function proofFigures({ connections, nodes, rounds, stalenessMs }: ProofReport) {
  const refused = rounds.map(({ refusedAfterMs }) => refusedAfterMs);
  const settled = rounds.map(({ settledAfterMs }) => settledAfterMs);
  const stale = sum(rounds.map((round) => round.stale));
  const isWithinBound = rounds.length > 0 && refused.every((one) => one <= stalenessMs);
  return {
    verdict: stale === 0 && isWithinBound ? ('proven' as const) : ('failed' as const),
    nodes,
    connections,
    sessions: rounds.length,
    requests: sum(rounds.map((round) => round.requests)),
    staleAccepts: stale,
    unacknowledged: sum(rounds.map((round) => round.unacknowledged)),
    stalenessMs,
    lastRefusalMs: spread(refused),
    acknowledgedMs: spread(settled),
  };
}

/** The same for people. */
export function proofText(report: ProofReport): string {
  const figures = proofFigures(report);
  const { acknowledgedMs, lastRefusalMs } = figures;
  const line = (name: string, { max, p50, p99 }: typeof lastRefusalMs): string =>
    `${name.padEnd(34)}p50 ${ms(p50)}   p99 ${ms(p99)}   max ${ms(max)}\n`;
  const verdict =
    figures.verdict === 'proven'
      ? `Proven: no node accepted a session after its end was acknowledged, and all refused it within ${String(figures.stalenessMs)} ms.\n`
      : `FAILED: see the accepts and the times above; the bound is ${String(figures.stalenessMs)} ms.\n`;
  return [
    `${String(figures.sessions)} sessions, ended one after the other, on ${String(figures.nodes.length)} nodes `,
    `with ${String(figures.connections)} connections each, ${String(figures.requests)} requests\n`,
    line('until the last node refuses', lastRefusalMs),
    line('until every worker acknowledged', acknowledgedMs),
    `${'workers that did not acknowledge'.padEnd(34)}${String(figures.unacknowledged)}\n`,
    `${'accepted after that'.padEnd(34)}${String(figures.staleAccepts)}\n`,
    verdict,
  ].join('');
}

function spread(values: readonly number[]): { p50: number; p99: number; max: number } {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`.padStart(11);
}
