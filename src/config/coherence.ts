import type * as z from 'zod';
import { duration, formatDuration } from './duration.ts';
import { nameExpected, namePattern, optionBlock, text } from './kinds.ts';
import type { Options, Part } from './read-options.ts';
import { readOptions } from './read-options.ts';

/** How soon the end of a session is felt by every worker of every node, whatever breaks. */
export interface CoherenceConfig {
  /** No worker accepts a session later than this after its end was stored. */
  readonly stalenessMs: number;
  readonly pollIntervalMs: number;
  readonly settleMs: number;
  readonly streamGraceMs: number;
  /** What this node is called; null: as the machine is. */
  readonly node: string | null;
}

const pollIntervalMsMax = 500;

export const coherenceOptions = optionBlock({
  staleness: duration({ min: '500ms', max: '60s' })
    .prefault('5s')
    .describe(
      'The bound: no worker accepts a session later than this after its end was stored, whatever ' +
        'breaks; 500ms to 60s. While nothing is broken it is not felt, since an end is everywhere ' +
        'before the logout is answered. It is how long a worker that is cut off goes on, and how ' +
        'long a logout waits for one that died. Default 5s, which bridges a stall of the store. ' +
        'With 1s such a stall is a 503 for everybody: right in development, where faults should ' +
        'show.',
    ),
  pollInterval: duration({ min: '50ms', max: '15s' })
    .optional()
    .describe(
      'How often each worker asks the store for what it may have missed, 50ms to 15s and at most ' +
        'a quarter of staleness. Default: a fifth of staleness, at most 500ms. Each question costs ' +
        'the store 15 microseconds.',
    ),
  settle: duration({ min: '100ms', max: '60s' })
    .prefault('1s')
    .describe(
      'After the store was started anew or another one took over: how long nothing that it says ' +
        'is believed, so that workers can tell it of ends that it has lost; 100ms to 60s. Default ' +
        '1s. Requests wait or are answered 503 meanwhile.',
    ),
  streamGrace: duration({ min: '0s', max: '1h', zero: 'none' })
    .optional()
    .describe(
      'How much longer than its requests a live stream (WebSocket, event stream) goes on while ' +
        'the store cannot be asked, 0s to 1h. Default: staleness.',
    ),
  node: text(namePattern, nameExpected)
    .optional()
    .describe(
      'What this node is called in lists of sessions and in the console. Default: the name of the ' +
        'machine. Two nodes of one name look like one.',
    ),
}).describe('How soon the end of a session is felt by every worker of every node.');

export function readCoherence(part: Part): CoherenceConfig | undefined {
  const options = readOptions(coherenceOptions, part);
  if (options === undefined) return undefined;
  checkInterval(options, part);
  const { node = null, staleness, pollInterval, settle, streamGrace } = options.value;
  return {
    stalenessMs: staleness,
    pollIntervalMs: pollInterval ?? Math.min(pollIntervalMsMax, Math.floor(staleness / 5)),
    settleMs: settle,
    streamGraceMs: streamGrace ?? staleness,
    node,
  };
}

/** An answer or two may get lost before the lease runs out. */
function checkInterval(options: Options<z.output<typeof coherenceOptions>>, part: Part): void {
  const { pollInterval, staleness } = options.value;
  if (pollInterval === undefined || !options.isSound('pollInterval', 'staleness')) return;
  const most = Math.floor(staleness / 4);
  if (pollInterval <= most) return;
  const message = `is ${formatDuration(pollInterval)}, more than a quarter of staleness`;
  const expected = `expected at most ${formatDuration(most)}, or a longer staleness`;
  part.document.problems.add([...part.path, 'pollInterval'], message, expected);
}
