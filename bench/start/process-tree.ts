import { childPids } from '../processes/cpu-time.ts';

/** A process and all that it has started, the first one first. */
export function processTree(pid: number): number[] {
  return [pid, ...childPids(pid).flatMap(processTree)];
}
