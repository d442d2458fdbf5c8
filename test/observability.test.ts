import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { createMetrics } from '../src/observability/prometheus.ts';
import {
  catalogueTable,
  metricCatalogue,
  type CatalogueEntry,
} from './support/metric-catalogue.ts';
import { dashboardShape, expressionsOf, rulesShape, selectorsIn } from './support/observed.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const dashboard = dashboardShape.parse(
  JSON.parse(read('config/observability/grafana-dashboard.json')),
);
const rules = rulesShape
  .parse(parse(read('config/observability/alerts.yml')))
  .groups.flatMap((group) => group.rules);
const ruleTests = read('config/observability/alerts.test.yml');

/** Of Prometheus itself, on every series that it scrapes. */
const given = new Set(['job', 'instance', 'le']);

describe('what is shipped for operators', () => {
  let catalogue: readonly CatalogueEntry[] = [];
  const known = new Map<string, readonly string[]>([['up', []]]);
  beforeAll(async () => {
    catalogue = await metricCatalogue();
    for (const { labels, name } of catalogue) known.set(name, labels);
    const shape = z.array(z.object({ name: z.string() }));
    for (const { name } of shape.parse(await createMetrics([]).values())) known.set(name, []);
  });

  const problemsOf = (expression: string): string[] =>
    selectorsIn(expression).flatMap(({ labels, metric }) => {
      const own = known.get(metric);
      if (own === undefined) return [`${metric} is no metric`];
      const strange = labels.filter((label) => !own.includes(label) && !given.has(label));
      return strange.map((label) => `${metric} has no label ${label}`);
    });

  it('a selector that names what is not there is found', () => {
    expect(problemsOf('rate(portcullis_requests_total{code="5xx"}[5m]) / up')).toEqual([]);
    expect(problemsOf('portcullis_request_duration_seconds_bucket{le="1"}')).toEqual([]);
    expect(problemsOf('sum(portcullis_nothing) > portcullis_workers{color="x"}')).toEqual([
      'portcullis_nothing is no metric',
      'portcullis_workers has no label color',
    ]);
  });

  it.each(expressionsOf(dashboard))('the panel %s asks for what is there', (_title, expression) => {
    expect(selectorsIn(expression).length).toBeGreaterThan(0);
    expect(problemsOf(expression)).toEqual([]);
  });

  it('the panels have places of their own', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(rules.map(({ alert, expr }) => [alert, expr] as const))(
    'the rule %s asks for what is there, and is tested both ways',
    (alert, expression) => {
      expect(selectorsIn(expression).length).toBeGreaterThan(0);
      expect(problemsOf(expression)).toEqual([]);
      expect(ruleTests).toContain(`name: ${alert} fires`);
      expect(ruleTests).toContain(`alertname: ${alert}, exp_alerts: []`);
    },
  );

  it('the table of the documents is the catalogue', () => {
    const text = read('docs/observability.md');
    const [, table] = /<!-- the catalogue -->\n(.*?)\n<!-- its end -->/s.exec(text) ?? [];
    expect(table?.trim()).toBe(catalogueTable(catalogue));
  });

  it('every metric has a prefix, its base unit, and a sentence', () => {
    for (const { help, kind, name } of catalogue) {
      expect(name).toMatch(/^portcullis_[a-z_]+$/);
      expect(name).not.toMatch(/_ms|milliseconds|kib/);
      expect(name.endsWith('_total')).toBe(kind === 'counter');
      expect(help).toMatch(/\.$/);
    }
  });
});
