import { tableLines } from '../comparison/report.ts';
import { spread } from '../comparison/statistics.ts';
import { judgedValue } from './judged-value.ts';
import type { ResultRatio, ResultRow, RoundSample } from './result-file.ts';

type Figure = Exclude<keyof RoundSample, 'wasBusy' | 'kernelMicrosPerRequest'>;

const columns: readonly (readonly [string, Figure, number])[] = [
  ['CPU µs/request', 'cpuMicrosPerRequest', 1],
  ['requests/s', 'requestsPerSecond', 0],
  ['p50 ms', 'p50Ms', 2],
  ['p90', 'p90Ms', 2],
  ['p99', 'p99Ms', 2],
  ['p99.9', 'p999Ms', 2],
  ['MiB', 'rssMiB', 0],
];

function cell({ rounds, ...row }: ResultRow, figure: Figure, digits: number): string {
  if (figure === 'coreShare' || figure === 'loadCoreShare') return '';
  const middle = row[figure];
  if (middle === null) return '–';
  // The spread of the figure that everything is about; a table of spreads is one that nobody reads.
  if (figure !== 'cpuMicrosPerRequest' || rounds.length < 2) return middle.toFixed(digits);
  const [least, most] = spread(rounds.flatMap((round) => round[figure] ?? []));
  return `${middle.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

function share(rounds: readonly RoundSample[], figure: 'coreShare' | 'loadCoreShare'): string {
  const values = rounds.flatMap((round) => round[figure] ?? []);
  if (values.length === 0) return '–';
  return (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(2);
}

/** One scenario: a line for each contender, those that cannot be compared as they are with a mark. */
export function renderScenario(
  title: string,
  driver: string,
  rows: readonly ResultRow[],
  pinning: string,
): string {
  const isOneScenario = new Set(rows.map(({ scenario }) => scenario)).size === 1;
  const lines = rows.map((row) => {
    const isIdle = row.rounds.some(({ wasBusy }) => !wasBusy);
    return [
      `${isOneScenario ? row.contender : row.scenario}${isIdle ? ' *' : ''}`,
      ...columns.map(([, figure, digits]) => cell(row, figure, digits)),
      `${share(row.rounds, 'coreShare')} / ${share(row.rounds, 'loadCoreShare')}`,
    ];
  });
  const heads = ['', ...columns.map(([head]) => head), 'its core / the load’s'];
  const notes = rows.flatMap(({ contender, note }) =>
    note === null ? [] : [`  ${contender}: ${note}`],
  );
  return [
    '',
    `${title} (${driver}; ${pinning})`,
    '',
    ...tableLines([heads, ...lines]),
    '',
    ...(rows.some(({ rounds }) => rounds.some(({ wasBusy }) => !wasBusy))
      ? ['* not kept busy: its core idled, which changes what a request costs']
      : []),
    ...notes,
    '',
  ].join('\n');
}

function verdict(ratio: ResultRatio): string {
  const { aim, isMet, least, limit, most, name } = ratio;
  const value = judgedValue(ratio);
  const mark = isMet === null ? '      ' : isMet ? 'met   ' : 'MISSED';
  if (value === null || least === null || most === null) {
    return `  ?      ${name}: not measured`;
  }
  const bounds = [
    ...(limit === null ? [] : [`at most ${limit}`]),
    ...(aim === null ? [] : [`aim ${aim}`]),
  ];
  const range = `${value.toFixed(3)} (${least.toFixed(3)}–${most.toFixed(3)})`;
  return `  ${mark} ${name}: ${[range, ...bounds].join(', ')}`;
}

/** All of them, in the order of the rules. */
export function renderRatios(ratios: readonly ResultRatio[]): string {
  if (ratios.length === 0) return '';
  return ['Ratios of each round, median (least–most):', ...ratios.map(verdict), ''].join('\n');
}
