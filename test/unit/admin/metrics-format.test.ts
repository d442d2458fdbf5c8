import { expect, it } from 'vitest';
import { metricsFormatOf } from '../../../src/admin/metrics-format.ts';

const ours = 'application/openmetrics-text';

it.each([
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
  ['text/plain;version=0.0.4', 'text'],
  [ours, 'openMetrics'],
  [`${ours};version=1.0.0`, 'openMetrics'],
  [`${ours}; version=1.0.0; charset=utf-8`, 'openMetrics'],
  // What Prometheus sends.
  [
    `${ours};version=1.0.0,${ours};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
    'openMetrics',
  ],
  [`${ours};version=2.0.0`, 'text'],
  [`${ours};version=2.0.0;q=1,text/plain;q=0.1`, 'text'],
  [`${ours};q=0`, 'text'],
  [`${ours};q=nothing`, 'text'],
  [`${ours};q=0.3,text/plain;q=0.9`, 'text'],
  [`text/plain, ${ours.toUpperCase()}`, 'openMetrics'],
])('Accept %s is answered as %s', (accept, format) => {
  expect(metricsFormatOf(accept)).toBe(format);
});
