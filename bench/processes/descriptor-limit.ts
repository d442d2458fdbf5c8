import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What this process and those that it starts may have open: Node raises the soft limit to the hard one at start. */
function hardLimit(): number {
  const text = /^Max open files\s+\S+\s+(\S+)/m.exec(
    readFileSync('/proc/self/limits', 'utf8'),
  )?.[1];
  return text === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(text);
}

/**
 * Raises the limit of file descriptors where the system lets us, which above the hard limit is only for root, and not
 * even for root in some containers. Gives the limit that holds from now on.
 */
export function raiseDescriptorLimit(wanted: number): number {
  if (hardLimit() < wanted) {
    spawnSync('prlimit', ['--pid', String(process.pid), `--nofile=${wanted}:${wanted}`]);
  }
  return hardLimit();
}
