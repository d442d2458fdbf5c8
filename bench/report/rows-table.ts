import type { ResultRow } from '../results/result-file.ts';
import { figureText } from './figure-text.ts';
import { type Markup, markup } from './markup.ts';
import { type Figure, isOurs, spreadOf, wasIdle, wasMeasured } from './row-facts.ts';

const columns: readonly (readonly [string, Figure])[] = [
  ['CPU µs / request', 'cpuMicrosPerRequest'],
  ['requests / s', 'requestsPerSecond'],
  ['p50 ms', 'p50Ms'],
  ['p90 ms', 'p90Ms'],
  ['p99 ms', 'p99Ms'],
  ['p99.9 ms', 'p999Ms'],
  ['resident MiB', 'rssMiB'],
];

/** A region that scrolls sideways has to be reached with the keyboard. */
export function scrolling(name: string, content: Markup): Markup {
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="${name}, a table">${content}</div>`;
}

/**
 * Medians, with the least and the most of the rounds below; whoever was not measured says why. At a rate that is given
 * nobody is to be kept busy, so there it is not told.
 */
export function rowsTable(title: string, rows: readonly ResultRow[], isPaced = false): Markup {
  const shown = columns.filter(([, figure]) => rows.some((row) => row[figure] !== null));
  const table = markup`<table>
<thead><tr><th scope="col">contender</th>${shown.map(([head]) => markup`<th scope="col">${head}</th>`)}${isPaced ? null : markup`<th scope="col">kept busy</th>`}</tr></thead>
<tbody>${rows.map((row) => bodyRow(row, shown, isPaced))}</tbody>
</table>`;
  return markup`${scrolling(title, table)}${notes(rows, isPaced)}`;
}

function bodyRow(row: ResultRow, shown: typeof columns, isPaced: boolean): Markup {
  const name = markup`<th scope="row">${row.title}${!isPaced && wasIdle(row) ? ' *' : ''}</th>`;
  if (!wasMeasured(row)) {
    const reason = row.note ?? 'not measured';
    return markup`<tr>${name}<td class="text" colspan="${shown.length + 1}">${reason}</td></tr>
`;
  }
  const cells = shown.map(([, figure]) => {
    const range = spreadOf(row, figure);
    const text = range === null ? null : range.map(figureText).join('–');
    return markup`<td>${figureText(row[figure])}${text === null ? null : markup`<span class="spread">${text}</span>`}</td>`;
  });
  const busy = row.rounds.filter(({ wasBusy }) => wasBusy).length;
  return markup`<tr${isOurs(row.contender) ? markup` class="ours"` : null}>${name}${cells}${isPaced ? null : markup`<td>${busy} of ${row.rounds.length}</td>`}</tr>
`;
}

function notes(rows: readonly ResultRow[], isPaced: boolean): Markup | null {
  const said = rows.filter((row) => wasMeasured(row) && row.note !== null);
  const isAnyIdle = !isPaced && rows.some(wasIdle);
  if (said.length === 0 && !isAnyIdle) return null;
  return markup`<ul class="note">${isAnyIdle ? markup`<li>* not kept busy: its core idled in some rounds, and idling changes what a request costs.</li>` : null}${said.map(({ note, title }) => markup`<li>${title}: ${note}</li>`)}</ul>`;
}
