import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
} from 'prom-client';
import type { Figure } from './figure.ts';
import type { MetricsFormat } from './metrics-content-types.ts';

/** What the admin port shows under `/metrics`. */
export interface Metrics {
  text(format: MetricsFormat): Promise<string>;
}

/** Those of one process, which can be put together with those of others. */
export interface ProcessMetrics extends Metrics {
  values(): Promise<readonly object[]>;
}

/**
 * The figures, together with the metrics of the process under their usual names (`process_…`, `nodejs_…`), which every
 * dashboard for Node expects.
 */
export function createMetrics(figures: readonly Figure[]): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const figure of figures) register(figure, registry);
  return {
    text: async (format) =>
      format === 'text'
        ? await registry.metrics()
        : await metricsTogether([(await registry.getMetricsAsJSON()).map(asTheyAre)], format),
    values: () => registry.getMetricsAsJSON(),
  };
}

/** What several processes gave as their values, as one text. */
export function metricsTogether(
  processes: readonly (readonly object[])[],
  format: MetricsFormat,
): Promise<string> {
  const values =
    format === 'text' ? [...processes] : processes.map((metrics) => metrics.map(asFamily));
  const registry = AggregatorRegistry.aggregate(values);
  if (format === 'openMetrics') registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry.metrics();
}

/** The same as values of one process. */
export function valuesTogether(
  processes: readonly (readonly object[])[],
): Promise<readonly object[]> {
  return AggregatorRegistry.aggregate([...processes]).getMetricsAsJSON();
}

/** Of one process there is nothing to put together, nor to leave out because it is each process's own. */
function asTheyAre(metric: object): object {
  return { ...metric, aggregator: 'first' };
}

/** OpenMetrics calls a counter's family what its samples are called without `_total`, which the library adds to them. */
function asFamily(metric: object): object {
  if (!('type' in metric && metric.type === 'counter')) return metric;
  if (!('name' in metric && typeof metric.name === 'string')) return metric;
  return { ...metric, name: metric.name.replace(/_total$/, '') };
}

function register(figure: Figure, registry: Registry): void {
  const options = {
    name: figure.name,
    help: figure.help,
    labelNames: [...figure.labels],
    aggregator: figure.together ?? 'sum',
  } as const;
  switch (figure.kind) {
    case 'gauge': {
      const gauge = new Gauge({
        ...options,
        registers: [registry],
        collect: async () => {
          const samples = await figure.read();
          gauge.reset();
          // A metric without labels is 0 after a reset, and unknown is not 0.
          if (samples.length === 0) gauge.remove({});
          for (const { labels, value } of samples) gauge.set({ ...labels }, value);
        },
      });
      break;
    }
    case 'counter': {
      // The plain numbers only grow, so setting a counter anew to what they are now keeps it a counter.
      const counter = new Counter({
        ...options,
        registers: [registry],
        collect: async () => {
          const samples = await figure.read();
          counter.reset();
          if (samples.length === 0) counter.remove({});
          for (const { labels, value } of samples) counter.inc({ ...labels }, value);
        },
      });
      break;
    }
    case 'histogram':
      registry.registerMetric(new ReadHistogram(figure));
  }
}

type Values = Awaited<ReturnType<Histogram['get']>>;

/** The library's histogram observes one value at a time; this one shows buckets that were filled elsewhere. */
class ReadHistogram extends Histogram {
  readonly #figure: Figure;

  constructor(figure: Figure) {
    super({
      name: figure.name,
      help: figure.help,
      labelNames: [...figure.labels],
      registers: [],
    });
    this.#figure = figure;
  }

  /** What the registry asks for the text; the library's types do not name it. */
  getForPromString(): Promise<Values> {
    return this.get();
  }

  override async get(): Promise<Values> {
    const { help, name } = this.#figure;
    const samples = await this.#figure.read();
    const values = samples.map(({ labels, suffix = '', value }) => ({
      labels: { ...labels },
      sharedLabels: {},
      value,
      metricName: name + suffix,
    }));
    // The library's types have a number where it has the word.
    return { name, help, type: 'histogram', values, aggregator: 'sum' } as unknown as Values;
  }
}
