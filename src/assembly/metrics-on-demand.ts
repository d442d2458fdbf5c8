import { keepStringsQuick } from '../lib/quick-strings.ts';
import type { Figure } from '../observability/figure.ts';
import type { MetricsFormat } from '../observability/metrics-content-types.ts';
import type { ProcessMetrics } from '../observability/prometheus.ts';

/** Loads what writes metrics down with the first question: the figures are read only then anyway. */
export class MetricsOnDemand implements ProcessMetrics {
  readonly #figures: readonly Figure[];
  #metrics: Promise<ProcessMetrics> | null = null;

  constructor(figures: readonly Figure[]) {
    this.#figures = figures;
  }

  async text(format: MetricsFormat): Promise<string> {
    return await (await this.#loaded()).text(format);
  }

  async values(): Promise<readonly object[]> {
    return await (await this.#loaded()).values();
  }

  #loaded(): Promise<ProcessMetrics> {
    this.#metrics ??= this.#load().catch((error: unknown) => {
      this.#metrics = null; // such as for want of a descriptor: the next scrape asks again
      throw error;
    });
    return this.#metrics;
  }

  async #load(): Promise<ProcessMetrics> {
    const { createMetrics } = await import('../observability/prometheus.ts');
    keepStringsQuick(); // whatever the library did while it was loaded
    return createMetrics(this.#figures);
  }
}
