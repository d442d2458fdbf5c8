import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { MetricsOnDemand } from '../../../src/assembly/metrics-on-demand.ts';
import { METRICS_CONTENT_TYPES } from '../../../src/observability/metrics-content-types.ts';

it('metrics on demand are those of the library, and so are their types of content', async () => {
  const figure = {
    ...{ kind: 'gauge' as const, name: 'portcullis_x', help: 'X.', labels: [] },
    read: () => [{ labels: {}, value: 7 }],
  };
  const metrics = new MetricsOnDemand([figure]);
  expect(await metrics.text('text')).toContain('portcullis_x 7');
  expect(await metrics.values()).toContainEqual(expect.objectContaining({ name: 'portcullis_x' }));
  expect(METRICS_CONTENT_TYPES).toEqual({
    text: Registry.PROMETHEUS_CONTENT_TYPE,
    openMetrics: Registry.OPENMETRICS_CONTENT_TYPE,
  });
});
