import { childPids } from './cpu-time.ts';

/** A process and all that it started, and they. */
export function processTree(root: number): number[] {
  return [root, ...childPids(root).flatMap(processTree)];
}
