import { REFUSAL_STATUS, type Refusal } from './refusals.ts';
import { UPSTREAM_FAILURES, type UpstreamFailure } from './upstream-failure.ts';

/** What a listener has seen since it started. Plain numbers: whoever scrapes pays, not the request. */
export class ListenerCounters {
  readonly listener: string;
  accepted = 0;
  active = 0;
  /** Requests that have begun and not ended. */
  inFlight = 0;
  shed = 0;
  bytesReceived = 0;
  bytesSent = 0;
  readonly rejected: Record<Refusal, number>;

  constructor(listener: string) {
    this.listener = listener;
    this.rejected = zeros(Object.keys(REFUSAL_STATUS) as Refusal[]); // keys of a literal
  }
}

/** What one upstream server has seen since the start. */
export class UpstreamCounters {
  readonly upstream: string;
  readonly server: string;
  connects = 0;
  reuses = 0;
  open = 0;
  idle = 0;
  waiting = 0;
  readonly failures: Record<UpstreamFailure, number>;

  constructor(upstream: string, server: string) {
    this.upstream = upstream;
    this.server = server;
    this.failures = zeros(UPSTREAM_FAILURES);
  }
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>; // one entry per name
}
