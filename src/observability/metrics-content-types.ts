/** Prometheus's own text format, and the OpenMetrics text format. */
export type MetricsFormat = 'text' | 'openMetrics';

/** What the library calls them; apart from it, for it is loaded with the first question only. */
export const METRICS_CONTENT_TYPES = Object.freeze({
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}) satisfies Readonly<Record<MetricsFormat, string>>;
