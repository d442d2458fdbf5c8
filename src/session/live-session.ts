import type { Session } from './session.ts';

/** A session that this worker knows to be good, shared by all tokens of the session. */
export interface LiveSession {
  readonly session: Session;
  /** What `describe` made of the session when it was read: ready to be written into a request to an upstream. */
  readonly identityFields: string;
  /** When a touch was last taken, see `Sessions.isTouchDue`. */
  lastTouchedAtMs: number;
}
