import { constants } from 'node:os';

const endSignals = ['SIGTERM', 'SIGINT'] as const;

export type EndSignal = (typeof endSignals)[number];

/** The part of `process` that is used here. */
export interface SignalSource {
  on(name: EndSignal, listener: (name: EndSignal) => void): unknown;
  off(name: EndSignal, listener: (name: EndSignal) => void): unknown;
}

/**
 * Waits to be told to end, and gives the exit code. The caller ends the process with it.
 *
 * - The first SIGTERM or SIGINT calls `end`, which drains and stops; 0 when it has done so, also where the deadline of
 *   the drain cut something off: the process did what it was told. 1 when `end` failed.
 * - A second one does not wait for that: 128 + its number (143, 130), as a shell writes a death by signal, so that a
 *   supervisor can tell an end in order from one that was forced.
 *
 * The signals are caught from the call on; while the gateway still starts, too.
 */
export function waitForSignals(
  source: SignalSource,
  end: (signal: EndSignal) => Promise<void>,
): Promise<number> {
  return new Promise((resolve) => {
    let isEnding = false;
    const listener = (signal: EndSignal): void => {
      if (isEnding) {
        finish(128 + constants.signals[signal]);
        return;
      }
      isEnding = true;
      end(signal).then(
        () => finish(0),
        () => finish(1),
      );
    };
    const finish = (code: number): void => {
      for (const name of endSignals) source.off(name, listener);
      resolve(code);
    };
    for (const name of endSignals) source.on(name, listener);
  });
}
