/** Why the gateway itself ended what was under way. Part of the public interface: log and metrics say it. */
export type CutReason =
  /** Somebody ended the session. */
  | 'revoked'
  /** The session's time was over. */
  | 'expired'
  /** The store could not be asked for longer than `coherence.streamGrace` allows. */
  | 'unconfirmed'
  /** The listener's `streams.ageMax`. */
  | 'age'
  /** The listener's `streams.idleTimeout`. */
  | 'idle'
  /** The gateway stops. */
  | 'drain';

/**
 * What a WebSocket's client is told: 4401 where it has to log in again, 1012 where it may come back at once, 1013 where it
 * may be good again later, else 1001.
 */
export function closeCodeOf(reason: CutReason): readonly [code: number, text: string] {
  switch (reason) {
    case 'revoked':
      return [4401, 'session revoked'];
    case 'expired':
      return [4401, 'session expired'];
    case 'unconfirmed':
      return [1013, 'session not confirmed, try again later'];
    case 'age':
      return [1001, 'open for too long'];
    case 'idle':
      return [1001, 'idle for too long'];
    case 'drain':
      return [1012, 'restarting'];
  }
}
