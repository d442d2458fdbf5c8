import type { Decision, StreamOpened } from './history.ts';

export interface Violation {
  readonly rule:
    | 'accepted after the answer'
    | 'accepted after the bound'
    | 'refused'
    | 'unavailable'
    | 'streamed after the answer'
    | 'streamed after the bound';
  readonly event: Decision | StreamOpened;
  readonly detail: string;
}

export interface CheckTerms {
  /** `coherence.staleness`. */
  readonly boundMs: number;
  /** How long after an outage a 503 is still right: polls, reconnecting, and the settle time. */
  readonly healMs: number;
  /** When sessions end by themselves, counted from their opening: refused then, and nobody is to blame. */
  readonly sessionMs: number;
}
