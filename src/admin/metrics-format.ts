import type { MetricsFormat } from '../observability/metrics-content-types.ts';

/**
 * OpenMetrics only for those who name it, and no less than what else they take: a person with a browser, and a scraper
 * that says nothing, get the text format.
 */
export function metricsFormatOf(accept: string | undefined): MetricsFormat {
  if (accept === undefined) return 'text';
  let openMetrics = 0;
  let text = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = qualityOf(parameters);
    if (type === 'application/openmetrics-text' && isOurVersion(parameters))
      openMetrics = Math.max(openMetrics, quality);
    else if (type === 'text/plain' && quality > text) text = quality;
  }
  return openMetrics > 0 && openMetrics >= text ? 'openMetrics' : 'text';
}

function isOurVersion(parameters: readonly string[]): boolean {
  const version = parameters.find((one) => one.startsWith('version='))?.slice('version='.length);
  return version === undefined || version === '1.0.0';
}

function qualityOf(parameters: readonly string[]): number {
  const said = parameters.find((one) => one.startsWith('q='));
  if (said === undefined) return 1;
  const quality = Number(said.slice(2));
  return quality >= 0 && quality <= 1 ? quality : 0;
}
