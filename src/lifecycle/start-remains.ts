import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Service } from './service.ts';

/** So long after the start, and again as often as it is busy then. */
const QUIET_MS = 1_000;
const TRIES_MAX = 10;
const START_TRIES = 2;
/** Of the time. More is work, and nobody's request waits for this. */
const BUSY_SHARE_MAX = 0.05;
/** Whoever works so much collects by itself, and has code in use that a forced collection would throw away. */
const WORK_SHARE_MIN = 0.4;
/** A heap that is larger holds sessions: walking it would take too long. */
const HEAP_BYTES_MAX = 64 * 1024 * 1024;

/** What is looked at, and what is done: arguments, so that a test has its own. */
export interface OwnProcess {
  /** How much of the time since the last question there was something to do. */
  busyShare(): number;
  heapBytes(): number;
  collect(): void;
}

/**
 * Gives back, once, what reading the configuration and loading the sources left in the heap: 15 MiB, which V8 would keep
 * for as long as nobody asks for anything, since it collects only where something is allocated. It takes a tenth of a
 * second, so it is done where nothing has happened for one second, and not at all once there was work.
 */
export class StartRemains implements Service {
  readonly name = 'remains of the start';
  readonly #process: OwnProcess;
  #timer: NodeJS.Timeout | undefined;
  #tries = 0;

  constructor(process: OwnProcess = ownProcess()) {
    this.#process = process;
  }

  start(): void {
    this.#process.busyShare();
    this.#timer = setInterval(() => this.#look(), QUIET_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#tries += 1;
    const share = this.#process.busyShare();
    const isQuiet = share <= BUSY_SHARE_MAX && this.#process.heapBytes() <= HEAP_BYTES_MAX;
    // Where many start at once, the first seconds are the start's own.
    const hasWork = share >= WORK_SHARE_MIN && this.#tries > START_TRIES;
    if (isQuiet || hasWork || this.#tries >= TRIES_MAX) this.stop();
    if (isQuiet) this.#process.collect();
  }
}

function ownProcess(): OwnProcess {
  let before = performance.eventLoopUtilization();
  return {
    busyShare: () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return utilization;
    },
    heapBytes: () => process.memoryUsage().heapUsed,
    collect: collectEverything,
  };
}

/** The young generation shrinks by no gentler collection than this. */
function collectEverything(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect !== 'function') return;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
