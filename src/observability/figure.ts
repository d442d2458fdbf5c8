/** One value of a metric. Label values come from the configuration or from fixed lists, never from a request. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a histogram: which of its three series. Buckets are cumulative and carry the label `le`. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

/** A metric that is read when somebody scrapes: the path of a request only adds to plain numbers. */
export interface Figure {
  /** With the prefix and the base unit: `portcullis_…_total`, `…_bytes_total`, `…_seconds_total`. Public interface. */
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** What the figures of several workers are together; their sum where it is not said. */
  readonly together?: 'first' | 'min' | 'max';
  /** Without `le`. */
  readonly labels: readonly string[];
  read(): readonly Sample[] | Promise<readonly Sample[]>;
}
