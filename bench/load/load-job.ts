/**
 * What the load speaks: HTTP/1.1 by autocannon or wrk, HTTP/2 by h2load, WebSockets whose messages come back, HTTP/1.1 at
 * a fixed rate, each request on a connection of its own, or people who log in, read and log out.
 */
export type LoadProtocol =
  | 'http1'
  | 'wrk'
  | 'http2'
  | 'websocket'
  | 'paced'
  | 'mixed'
  | 'new-connections';

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
  /** With a body of so many octets the requests are POST. */
  readonly bodyBytes?: number;
  /** Only `paced` keeps to it. */
  readonly requestsPerSecond?: number;
  /** Only `mixed` logs in. */
  readonly logins?: readonly LoadLogin[];
}

export interface LoadLogin {
  readonly username: string;
  readonly password: string;
}

/** In the place of a status: answers of 400 and above, from a load that tells no more than that. */
export const refusals = '4xx';

export interface LoadResult {
  readonly durationSeconds: number;
  /** Answers by status code. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections that broke and requests that got no answer in ten seconds. */
  readonly errors: number;
  /** NaN where the load does not tell. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}
