import { duration } from './duration.ts';
import { optionBlock } from './kinds.ts';

/** How long what does not end by itself may last: WebSockets, event streams, long downloads. */
export interface StreamsConfig {
  /** Of a WebSocket, in both directions together; 0: for ever. */
  readonly idleTimeoutMs: number;
  /** Of anything that is still under way; 0: for ever. */
  readonly ageMaxMs: number;
}

export const streamsOptions = optionBlock({
  idleTimeout: duration({ min: '100ms', max: '7d', zero: 'no end' })
    .prefault('10m')
    .describe(
      'How long a WebSocket may carry nothing in either direction, 100ms to 7d; then it is closed ' +
        'with 1001. 0: for ever. Default 10m: applications that ping do so far more often, and a ' +
        'dead client is not kept for hours.',
    ),
  ageMax: duration({ min: '1s', max: '365d', zero: 'no end' })
    .prefault('1d')
    .describe(
      'How old a WebSocket, an event stream, an upload or a download may become, 1s to 365d; then ' +
        'it is cut, whatever it carries. 0: for ever. Default 1d: browsers open streams again by ' +
        'themselves. Those of a session end with the session in any case.',
    ),
}).describe(
  'What does not end by itself: WebSockets, event streams, long downloads. Each ends with its session.',
);
