/** What the load speaks: by autocannon, by h2load, or WebSockets whose messages come back. */
export type LoadProtocol = 'http1' | 'http2' | 'websocket';

/** What the load process is asked to do, and what it says when it is done. Both cross a process border as JSON. */
export interface LoadJob {
  readonly port: number;
  readonly path: string;
  readonly isSecure: boolean;
  readonly protocol: LoadProtocol;
  readonly connections: number;
  readonly durationSeconds: number;
  /** Values of the Cookie field, dealt out evenly over the connections, each of which sends its share in turn. */
  readonly cookies: readonly string[];
}

export interface LoadResult {
  readonly durationSeconds: number;
  /** Answers by status code. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections that broke and requests that got no answer in ten seconds. */
  readonly errors: number;
  /** NaN where the load does not tell. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}
