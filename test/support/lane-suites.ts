const suites = (rows: readonly string[]): string[] =>
  rows.map((row) => `test/security/${row}.test.ts`);

/** The suites that run once more, with clients of another lane. Why the others do not: `row-lanes.ts`. */
export const suitesOf = {
  tls: suites([...['p0*', 'p1[0-57-9]*', 'p2[1-9]*', 'p5[89]-[cl]*', 'p6[1-4]*', 'p6[6-9]*']]),
  /** What HTTP/2 does not have is skipped within. */
  http2: suites([
    ...['p01*', 'p02*', 'p07*', 'p09-http2-downgrade*', 'p1[0-3]*', 'p1[7-9]*', 'p2[1-9]*'],
    ...['p6[134]*', 'p6[6-9]*'],
  ]),
} as const;
