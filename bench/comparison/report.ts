import type { Contender } from './contender.ts';
import type { Sample } from './measure.ts';
import type { Problems, Samples } from './rounds.ts';
import { median, spread } from './statistics.ts';
import type { TargetResult } from './targets.ts';

export interface ReportInput {
  readonly contenders: readonly Contender[];
  readonly samples: Samples;
  readonly problems: Problems;
  readonly targets: readonly TargetResult[];
  /** Store calls that a flood of forged cookies caused; null where nobody counts them, left out where there was none. */
  readonly floodStoreCalls?: number | null;
  readonly notes: readonly string[];
}

type Reading = (sample: Sample) => number;

const columns: readonly (readonly [string, Reading, number])[] = [
  ['CPU µs/request', (sample) => sample.cpuMicrosPerRequest, 1],
  ['requests/s', (sample) => sample.requestsPerSecond, 0],
  ['p50 ms', (sample) => sample.p50Ms, 2],
  ['p99 ms', (sample) => sample.p99Ms, 2],
  ['of a core', (sample) => sample.coreShare, 2],
];

function cell(samples: readonly Sample[], reading: Reading, digits: number): string {
  if (samples.length === 0) return '–';
  const values = samples.map(reading);
  const [least, most] = spread(values);
  const middle = median(values).toFixed(digits);
  if (samples.length === 1) return middle;
  return `${middle} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

/** Columns under each other: the first to the left, the others to the right. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('   ')
      .trimEnd(),
  );
}

function verdict(target: TargetResult): string {
  const { title, ratio, atMost, isMet } = target;
  if (ratio === null) return `  ?      ${title}: not measured`;
  const [least, most] = target.spread;
  const figures = `${ratio.toFixed(3)} (${least.toFixed(3)}–${most.toFixed(3)}), ${Number.isFinite(atMost) ? `at most ${atMost}` : 'no bound'}`;
  return `  ${isMet ? 'met   ' : 'MISSED'} ${title}: ${figures}`;
}

function storeVerdict(calls: number | null): string {
  const title = 'store calls that the flood of forged cookies caused';
  if (calls === null) return `  ?      ${title}: not counted by /metrics`;
  return `  ${calls === 0 ? 'met   ' : 'MISSED'} ${title}: ${calls}, at most 0`;
}

/** Median and spread of each contender, and what they say about the targets. */
export function renderReport(input: ReportInput): string {
  const rows = [
    ['median (least–most)', ...columns.map(([title]) => title)],
    ...input.contenders.map(({ id, title }) => {
      const samples = input.samples.get(id) ?? [];
      return [title, ...columns.map(([, reading, digits]) => cell(samples, reading, digits))];
    }),
  ];
  const failures = input.contenders.flatMap(({ id, title }) =>
    (input.problems.get(id) ?? []).map((problem) => `  WRONG  ${title}: ${problem}`),
  );
  return [
    '',
    ...tableLines(rows),
    '',
    ...(failures.length === 0
      ? ['Answers were checked before the timing: all as they must be.']
      : ['Answers that are not as they must be; these were not timed:', ...failures]),
    '',
    'CPU time per request, ratio of each round, median (least–most):',
    ...input.targets.map(verdict),
    ...(input.floodStoreCalls === undefined ? [] : [storeVerdict(input.floodStoreCalls)]),
    '',
    ...input.notes,
    '',
  ].join('\n');
}
