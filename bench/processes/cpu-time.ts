import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The fields of /proc/<pid>/stat behind the name, which may itself hold blanks and brackets. */
function statFields(pid: number | string): string[] {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return line.slice(line.lastIndexOf(')') + 2).split(' ');
}

let ticksPerSecond = 0;

function clockTicksPerSecond(): number {
  if (ticksPerSecond === 0) {
    ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK']).stdout?.toString()) || 100;
  }
  return ticksPerSecond;
}

/** User and system time that the processes, all their threads together, have used so far. */
export function cpuTimeMs(pids: readonly number[]): number {
  return ticksMs(pids, ({ user, system }) => user + system);
}

/** The part of it that the kernel used for them. */
export function systemTimeMs(pids: readonly number[]): number {
  return ticksMs(pids, ({ system }) => system);
}

function ticksMs(
  pids: readonly number[],
  count: (ticks: { readonly user: number; readonly system: number }) => number,
): number {
  let ticks = 0;
  for (const pid of pids) {
    // proc(5): state is field 3, utime 14, stime 15.
    const fields = statFields(pid);
    ticks += count({ user: Number(fields[11]), system: Number(fields[12]) });
  }
  return (ticks * 1000) / clockTicksPerSecond();
}

/** The direct children of a process, such as the workers of an NGINX. */
export function childPids(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return Number(statFields(name)[1]) === parent;
      } catch {
        return false; // It ended while we looked.
      }
    })
    .map(Number);
}
