import { cpuTimeMs, systemTimeMs } from './cpu-time.ts';
import { residentBytes } from './resident-memory.ts';

/** What `read` says of a process; null for one that has ended, as NGINX's cache loader does after a minute. */
function unlessEnded(read: (pid: number) => number, pid: number): number | null {
  try {
    return read(pid);
  } catch {
    return null;
  }
}

interface Used {
  readonly all: number;
  readonly system: number;
}

/** The CPU time of processes from here on, as far as they are there from beginning to end. */
export class CpuMeter {
  readonly #before: ReadonlyMap<number, Used>;

  constructor(pids: readonly number[]) {
    this.#before = new Map(
      pids.flatMap((pid) => {
        const all = unlessEnded((one) => cpuTimeMs([one]), pid);
        const system = unlessEnded((one) => systemTimeMs([one]), pid);
        return all === null || system === null ? [] : [[pid, { all, system }] as const];
      }),
    );
    if (this.#before.size === 0) throw new Error('nobody is left to be measured');
  }

  get ms(): number {
    return this.#since(cpuTimeMs, ({ all }) => all);
  }

  /** The kernel's part. */
  get systemMs(): number {
    return this.#since(systemTimeMs, ({ system }) => system);
  }

  /** What those of them who are there occupy now. */
  get residentMiB(): number {
    const bytes = [...this.#before.keys()].map((pid) => unlessEnded(residentBytes, pid) ?? 0);
    return bytes.reduce((sum, one) => sum + one, 0) / 1_048_576;
  }

  #since(read: (pids: readonly number[]) => number, part: (used: Used) => number): number {
    let sum = 0;
    for (const [pid, before] of this.#before) {
      sum += (unlessEnded((one) => read([one]), pid) ?? part(before)) - part(before);
    }
    return sum;
  }
}
