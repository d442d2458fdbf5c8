import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Who runs on which core; null where processes cannot be pinned, with the reason. */
export interface CorePlan {
  readonly contender: number | null;
  readonly load: number | null;
  readonly upstream: number | null;
  readonly explanation: string;
}

/** `0-3,8` as in /proc/self/status. */
function parseCoreList(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function allowedCores(): number[] {
  try {
    const line = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return line?.[1] === undefined ? [] : parseCoreList(line[1]);
  } catch {
    return [];
  }
}

/** Nobody is pinned, for a reason. */
export function noCores(explanation: string): CorePlan {
  return { contender: null, load: null, upstream: null, explanation };
}

/** The contender alone on the first core; load and upstream on others, or both on the second. */
export function planCores(): CorePlan {
  if (spawnSync('taskset', ['--version']).status !== 0) {
    return noCores('not pinned: there is no taskset (Debian: apt-get install util-linux)');
  }
  const [contender, load, upstream = load] = allowedCores();
  if (contender === undefined || load === undefined || upstream === undefined) {
    return noCores('not pinned: fewer than two cores are allowed to us');
  }
  const explanation = `pinned: contender on core ${contender}, load on ${load}, upstream on ${upstream}`;
  return { contender, load, upstream, explanation };
}

/** The command line that runs the given one on a core. taskset replaces itself, so the process id stays. */
export function onCore(core: number | null, command: readonly string[]): string[] {
  return core === null ? [...command] : ['taskset', '--cpu-list', String(core), ...command];
}
