import { metricSum, readMetrics } from '../processes/metrics.ts';

const metric = 'portcullis_store_calls_total';

/** Counts the session store calls of a gateway between two moments. */
export class StoreCalls {
  readonly #adminPort: number;
  #before: number | null = null;
  /** Reading the metrics counts the sessions, which is a store call too. */
  #ownCalls = 0;

  constructor(adminPort: number) {
    this.#adminPort = adminPort;
  }

  async begin(): Promise<void> {
    const first = await this.#read();
    this.#before = await this.#read();
    this.#ownCalls = (this.#before ?? 0) - (first ?? 0);
  }

  /** Those since `begin`, without the ones that counting causes; null where the gateway does not count. */
  async end(): Promise<number | null> {
    const after = await this.#read();
    return after === null || this.#before === null ? null : after - this.#before - this.#ownCalls;
  }

  async #read(): Promise<number | null> {
    return metricSum(await readMetrics(this.#adminPort), metric) ?? null;
  }
}
