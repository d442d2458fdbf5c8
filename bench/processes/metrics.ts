import { ask } from './ask.ts';

export interface MetricSample {
  readonly name: string;
  /** What stands between the braces, or nothing. */
  readonly labels: string;
  readonly value: number;
}

/** Everything that the operators' port says under /metrics, in the text format of Prometheus. */
export async function readMetrics(adminPort: number): Promise<MetricSample[]> {
  const { status, body } = await ask({ port: adminPort, path: '/metrics' });
  if (status !== 200) throw new Error(`/metrics was answered ${status}`);
  return body.split('\n').flatMap((line) => {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (match?.[1] === undefined) return [];
    return [{ name: match[1], labels: match[2] ?? '', value: Number(match[3]) }];
  });
}

/** The sum of a metric over all its labels; undefined when there is no such metric. */
export function metricSum(samples: readonly MetricSample[], name: string): number | undefined {
  const found = samples.filter((sample) => sample.name === name);
  return found.length === 0 ? undefined : found.reduce((sum, sample) => sum + sample.value, 0);
}
