import { readFileSync } from 'node:fs';

/** What a process occupies of the machine's memory (VmRSS). */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`process ${pid} has no resident memory`);
  return Number(kib) * 1024;
}

const intervalMs = 50;

/** Looks at a process every 50 ms and remembers the most that it occupied. */
export class PeakMemory {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #peakBytes: number;

  constructor(pid: number) {
    this.#pid = pid;
    this.#peakBytes = residentBytes(pid);
    this.#timer = setInterval(() => this.#look(), intervalMs);
  }

  /** The peak so far, this moment included. */
  get peakBytes(): number {
    this.#look();
    return this.#peakBytes;
  }

  #look(): void {
    this.#peakBytes = Math.max(this.#peakBytes, residentBytes(this.#pid));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
