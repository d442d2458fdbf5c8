import type { BenchResult, ResultRow } from '../results/result-file.ts';
import { barChart } from './bar-chart.ts';
import { both } from './both-shapes.ts';
import { dotChart } from './dot-chart.ts';
import type { Section } from './extra-sections.ts';
import { lineChart } from './line-chart.ts';
import { type Markup, markup } from './markup.ts';
import { isOurs, spreadOf, wasIdle } from './row-facts.ts';
import { rowsTable } from './rows-table.ts';
import { scenarioTitle, sessionsOf } from './scenario-titles.ts';

/** Bars of CPU time, the cheapest first; null where nobody has any. */
export function cpuChart(rows: readonly ResultRow[], name: string, title: string): Markup | null {
  const bars = rows
    .flatMap((row) => {
      const { contender, cpuMicrosPerRequest: value, title: label } = row;
      if (value === null) return [];
      const spread = spreadOf(row, 'cpuMicrosPerRequest');
      return [{ label, value, spread, isOurs: isOurs(contender), wasIdle: wasIdle(row) }];
    })
    .toSorted((a, b) => a.value - b.value);
  if (bars.length === 0) return null;
  const axis = 'CPU µs per request; less is better';
  return both((shape, id) => barChart({ id, title, axis, bars, shape, isAlone: false }), name);
}

const percentiles = [
  ['p50', 'p50Ms'],
  ['p90', 'p90Ms'],
  ['p99', 'p99Ms'],
  ['p99.9', 'p999Ms'],
] as const;

/** Percentiles of the time to an answer; null where nobody was timed. */
function latencyChart(rows: readonly ResultRow[], name: string, title: string): Markup | null {
  const lines = rows.flatMap((row) => {
    const dots = percentiles.flatMap(([percentile, figure]) => {
      const value = row[figure];
      return value === null || value <= 0 ? [] : [{ name: percentile, value }];
    });
    return dots.length === 0 ? [] : [{ label: row.title, isOurs: isOurs(row.contender), dots }];
  });
  if (lines.length === 0) return null;
  const axis = 'ms to the answer; less is better';
  return both((shape, id) => dotChart({ id, title, axis, rows: lines, shape }), name);
}

/** One scenario: its bars, its latencies where they say something, all figures. */
export function scenarioSection({ rows: all }: BenchResult, scenario: string): Section {
  const rows = all.filter((row) => row.scenario === scenario);
  const title = scenarioTitle(scenario);
  const isPaced = scenario === 'half-load';
  const latency = latencyChart(rows, `l-${scenario}`, `${title}: time to the answer`);
  const cpu = cpuChart(rows, `c-${scenario}`, `${title}: CPU time per request`);
  return {
    id: scenario,
    title,
    body: markup`${isPaced || cpu === null ? null : markup`<figure>${cpu}</figure>`}${latency === null ? null : markup`<figure>${latency}<figcaption>${isPaced ? 'Counted from the moment when each request was due, so a server that falls behind is not excused.' : 'At full load, where every contender queues: what matters here is how far the tail is from the middle.'}</figcaption></figure>`}${rowsTable(title, rows, isPaced)}`,
  };
}

/** The curve over sessions; null where there are none. */
export function sessionsSection({ rows }: BenchResult): Section | null {
  const measured = rows
    .flatMap((row) => {
      const sessions = sessionsOf(row.scenario);
      const value = row.cpuMicrosPerRequest;
      return sessions === null || value === null ? [] : [{ row, sessions, value }];
    })
    .toSorted((a, b) => a.sessions - b.sessions);
  if (measured.length === 0) return null;
  const points = measured.map(({ row, sessions, value }) => ({
    label: sessions.toLocaleString('en'),
    value,
    spread: spreadOf(row, 'cpuMicrosPerRequest'),
  }));
  const title = 'CPU time per request by the number of sessions';
  const axis = 'CPU µs per request; less is better';
  const across = 'sessions in the cache, requests over random ones';
  return {
    id: 'sessions',
    title: 'A thousand sessions to a million',
    body: markup`<figure>${both((shape, id) => lineChart({ id, title, axis, across, points, shape }), 'sessions')}</figure>${rowsTable(
      title,
      measured.map(({ row, sessions }) => ({
        ...row,
        title: `${sessions.toLocaleString('en')} sessions`,
      })),
    )}`,
  };
}
