import { figureText, ratioText } from '../report/figure-text.ts';
import { missedLimits } from '../report/missed-limits.ts';
import { lostRatios } from '../report/ratios-table.ts';
import { judgedValue } from '../results/judged-value.ts';
import { spreadOf, wasIdle } from '../report/row-facts.ts';
import { headline, scenarioTitle } from '../report/scenario-titles.ts';
import type { BenchResult, ResultRatio, ResultRow } from '../results/result-file.ts';

const begin = '<!-- bench: written by `npm run bench:readme` -->';
const end = '<!-- /bench -->';

/** Puts the block between its marks anew; throws where a text has none. */
export function withBlock(readme: string, block: string): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error('README.md has no marks for the benchmark');
  return `${readme.slice(0, from + begin.length)}\n${block}${readme.slice(to)}`;
}

/** Nothing in a title or a note may end a cell or begin markup. */
function plain(text: string): string {
  return text.replace(/[\\|<>`*_[\]]/g, (character) => `\\${character}`);
}

function cost(row: ResultRow): string {
  const range = spreadOf(row, 'cpuMicrosPerRequest');
  const spread = range === null ? '' : ` (${range.map(figureText).join('–')})`;
  return `${figureText(row.cpuMicrosPerRequest)}${spread}${wasIdle(row) ? ' \\*' : ''}`;
}

function ratioCell(ratio: ResultRatio): string {
  const { least, most } = ratio;
  const spread = least === null || most === null ? '' : ` (${ratioText(least)}–${ratioText(most)})`;
  return `${ratioText(judgedValue(ratio))}${spread}`;
}

/** The latest figures in Markdown: the headline, its ratios, and where Portcullis loses. */
export function readmeBlock(result: BenchResult): string {
  const { commit, machine, missing, ratios, settings, startedAt } = result;
  const rows = result.rows
    .filter((row) => row.scenario === headline && row.cpuMicrosPerRequest !== null)
    .toSorted((a, b) => (a.cpuMicrosPerRequest ?? 0) - (b.cpuMicrosPerRequest ?? 0));
  const measured = ratios.filter(({ median }) => median !== null);
  const lost = lostRatios(ratios);
  const missed = missedLimits(result);
  const lines = [
    `${scenarioTitle(headline)}: CPU time per request of all processes, in µs; less is better. Medians of`,
    `${String(settings.rounds)} paired rounds of ${String(settings.seconds)} s, least and most in brackets (compare the ratios, not the figures).`,
    '',
    '![CPU time per request of each contender, as in the table below](docs/bench.svg)',
    '',
    '| contender | CPU µs per request | requests per second | p99 ms |',
    '|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${plain(row.title)} | ${cost(row)} | ${figureText(row.requestsPerSecond)} | ${figureText(row.p99Ms)} |`,
    ),
    '',
    ...(rows.some(wasIdle) ? ['\\* not kept busy, which changes what a request costs.', ''] : []),
    '| ratio | median (least–most) | at most |',
    '|---|---|---|',
    ...measured.map((one) => `| ${plain(one.name)} | ${ratioCell(one)} | ${one.limit ?? '–'} |`),
    '',
    lost.length === 0
      ? 'Portcullis loses in nothing that was measured in this run.'
      : `Where Portcullis loses: ${lost.map((one) => `${plain(one.name)} ${ratioText(judgedValue(one))}`).join('; ')}.`,
    '',
    ...(missed.length === 0 ? [] : [`Limits that are missed: ${plain(missed.join('; '))}.`, '']),
    ...(missing.length === 0
      ? []
      : [`Not measured here: ${missing.map(({ title }) => plain(title)).join(', ')}.`, '']),
    `${plain(machine.cpu)}, ${machine.kernel}, Node ${machine.node}, ${startedAt.slice(0, 10)}, commit ${commit.slice(0, 12)}.`,
    '',
  ];
  return lines.join('\n');
}
