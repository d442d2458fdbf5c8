import { barChart } from '../report/bar-chart.ts';
import { isOurs, spreadOf, wasIdle } from '../report/row-facts.ts';
import { headline, scenarioTitle } from '../report/scenario-titles.ts';
import type { BenchResult } from '../results/result-file.ts';

/** The headline as a picture of its own, in a light page and in a dark one. */
export function readmeChart({ rows }: BenchResult): string {
  const bars = rows
    .flatMap((row) => {
      const { contender, cpuMicrosPerRequest: value, scenario, title: label } = row;
      if (scenario !== headline || value === null) return [];
      const spread = spreadOf(row, 'cpuMicrosPerRequest');
      return [{ label, value, spread, isOurs: isOurs(contender), wasIdle: wasIdle(row) }];
    })
    .toSorted((a, b) => a.value - b.value);
  const title = `${scenarioTitle(headline)}: CPU time per request`;
  const axis = 'CPU µs per request; less is better';
  return `${barChart({ id: 'bench', title, axis, bars, isAlone: true }).text}\n`;
}
