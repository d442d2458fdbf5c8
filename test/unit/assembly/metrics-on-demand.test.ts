import { expect, it } from 'vitest';
import { MetricsOnDemand } from '../../../src/assembly/metrics-on-demand.ts';
import { createMetrics } from '../../../src/observability/prometheus.ts';

it('metrics on demand are those of the library, its type of content included', async () => {
  const figure = {
    ...{ kind: 'gauge' as const, name: 'portcullis_x', help: 'X.', labels: [] },
    read: () => [{ labels: {}, value: 7 }],
  };
  const metrics = new MetricsOnDemand([figure]);
  expect(await metrics.text()).toContain('portcullis_x 7');
  expect(await metrics.values()).toContainEqual(expect.objectContaining({ name: 'portcullis_x' }));
  expect(metrics.contentType).toBe(createMetrics([]).contentType);
});
