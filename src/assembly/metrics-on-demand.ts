import type { Figure } from '../observability/figure.ts';
import type { ProcessMetrics } from '../observability/prometheus.ts';

/** Loads what writes metrics down with the first question: the figures are read only then anyway. */
export class MetricsOnDemand implements ProcessMetrics {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';
  readonly #figures: readonly Figure[];
  #metrics: Promise<ProcessMetrics> | null = null;

  constructor(figures: readonly Figure[]) {
    this.#figures = figures;
  }

  async text(): Promise<string> {
    return await (await this.#loaded()).text();
  }

  async values(): Promise<readonly object[]> {
    return await (await this.#loaded()).values();
  }

  #loaded(): Promise<ProcessMetrics> {
    this.#metrics ??= import('../observability/prometheus.ts').then(({ createMetrics }) =>
      createMetrics(this.#figures),
    );
    return this.#metrics;
  }
}
