import { cpuTimeMs } from './cpu-time.ts';
import { residentBytes } from './resident-memory.ts';

/** What `read` says of a process; null for one that has ended, as NGINX's cache loader does after a minute. */
function unlessEnded(read: (pid: number) => number, pid: number): number | null {
  try {
    return read(pid);
  } catch {
    return null;
  }
}

/** The CPU time of processes from here on, as far as they are there from beginning to end. */
export class CpuMeter {
  readonly #before: ReadonlyMap<number, number>;

  constructor(pids: readonly number[]) {
    const read = (pid: number): number => cpuTimeMs([pid]);
    this.#before = new Map(
      pids.flatMap((pid) => {
        const ms = unlessEnded(read, pid);
        return ms === null ? [] : [[pid, ms] as const];
      }),
    );
    if (this.#before.size === 0) throw new Error('nobody is left to be measured');
  }

  get ms(): number {
    let sum = 0;
    for (const [pid, before] of this.#before) {
      sum += (unlessEnded((one) => cpuTimeMs([one]), pid) ?? before) - before;
    }
    return sum;
  }

  /** What those of them who are there occupy now. */
  get residentMiB(): number {
    const bytes = [...this.#before.keys()].map((pid) => unlessEnded(residentBytes, pid) ?? 0);
    return bytes.reduce((sum, one) => sum + one, 0) / 1_048_576;
  }
}
