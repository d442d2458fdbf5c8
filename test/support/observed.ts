import * as z from 'zod';

const targetShape = z.object({ expr: z.string() });

/** As much of a Grafana dashboard as is looked at. */
export const dashboardShape = z.object({
  title: z.string(),
  panels: z.array(
    z.object({ id: z.number(), title: z.string(), targets: z.array(targetShape).optional() }),
  ),
});

/** As much of a file of rules for Prometheus as is looked at. */
export const rulesShape = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});

/** What the panels of a dashboard ask, with their titles. */
export function expressionsOf(
  dashboard: z.output<typeof dashboardShape>,
): readonly (readonly [title: string, expression: string])[] {
  return dashboard.panels.flatMap(({ targets = [], title }) =>
    targets.map(({ expr }) => [title, expr] as const),
  );
}

interface Selector {
  /** Of a histogram its own name. */
  readonly metric: string;
  readonly labels: readonly string[];
}

/** The metrics that an expression of PromQL names, with the labels that they are selected by. */
export function selectorsIn(expression: string): readonly Selector[] {
  const selector = /\b((?:portcullis|nodejs|process)_\w+|up)\b(?:\{([^}]*)\})?/g;
  return [...expression.matchAll(selector)].map(([, name = '', matchers = '']) => ({
    metric: name.replace(/_bucket$/, ''),
    labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  }));
}
