import { judgedValue } from '../results/judged-value.ts';
import type { ResultRatio } from '../results/result-file.ts';
import { ratioText } from './figure-text.ts';
import { type Markup, markup } from './markup.ts';
import { scrolling } from './rows-table.ts';
import { scenarioTitle } from './scenario-titles.ts';

/** Nothing is told by colour alone. */
function verdict({ isMet, limit, median, aim }: ResultRatio): Markup {
  if (median === null) return markup`not measured`;
  if (limit === null || isMet === null) return markup`no limit`;
  if (!isMet) return markup`<span class="missed">✗ missed</span>`;
  const isAimed = aim !== null && median <= aim;
  return markup`<span class="met">✓ ${isAimed ? 'met, and the aim' : 'met'}</span>`;
}

/** What was promised, and what came of it: less than 1 is in favour of the first. */
export function ratiosTable(ratios: readonly ResultRatio[]): Markup {
  const rows = ratios.map((ratio) => {
    const { aim, figure, least, limit, most, name, scenario } = ratio;
    const range = least === null || most === null ? null : `${ratioText(least)}–${ratioText(most)}`;
    const what = figure === 'p99Ms' ? 'p99' : 'CPU time';
    return markup`<tr><th scope="row">${name}<span class="spread">${what}; ${scenarioTitle(scenario)}</span></th><td>${ratioText(judgedValue(ratio))}${range === null ? null : markup`<span class="spread">${range}</span>`}</td><td>${limit === null ? '–' : String(limit)}</td><td>${aim === null ? '–' : String(aim)}</td><td class="text">${verdict(ratio)}</td></tr>
`;
  });
  const table = markup`<table><thead><tr><th scope="col">ratio of each round</th><th scope="col">median (least–most)</th><th scope="col">at most</th><th scope="col">aim</th><th scope="col" class="text">verdict</th></tr></thead><tbody>${rows}</tbody></table>`;
  return scrolling('Ratios', table);
}

/** Where somebody who looks for speed alone would choose the other one. */
export function lostRatios(ratios: readonly ResultRatio[]): readonly ResultRatio[] {
  return ratios.filter(
    (ratio) =>
      (judgedValue(ratio) ?? 0) > 1 &&
      ratio.numerator.startsWith('portcullis') &&
      !ratio.denominator.startsWith('portcullis'),
  );
}
