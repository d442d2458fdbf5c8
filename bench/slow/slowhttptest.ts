import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Child } from '../processes/child.ts';
import { onCore } from '../processes/core-plan.ts';

const command = 'slowhttptest';

/** What to say to somebody who has none. */
export const slowhttptestMissing =
  'slowhttptest is missing. Install it and run again: sudo apt-get install slowhttptest';

function isThere(): boolean {
  return spawnSync(command, ['-h'], { stdio: 'ignore' }).error === undefined;
}

/** True once it is there; installs Debian's where we are root and may. */
export function hasSlowhttptest(say: (line: string) => void): boolean {
  if (isThere()) return true;
  if (process.getuid?.() !== 0) return false;
  say('slowhttptest is missing: apt-get install slowhttptest');
  spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'slowhttptest'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return isThere();
}

export interface AttackPlan {
  readonly directory: string;
  readonly core: number | null;
  readonly port: number;
  readonly cookie: string;
  readonly connections: number;
  readonly seconds: number;
}

/** Slow heads, slow bodies and slow readers, all at once; each ends by itself after its time. */
export function startAttacks(plan: AttackPlan): Child[] {
  const { connections, cookie, core, directory, port, seconds } = plan;
  const url = `http://127.0.0.1:${port}/api/bulk/1048576`;
  const shared = ['-c', String(connections), '-r', '200', '-l', String(seconds), '-u', url];
  const kinds: readonly (readonly [name: string, ...options: string[]])[] = [
    ['heads', '-H', '-i', '1'],
    ['bodies', '-B', '-i', '1', '-s', '65536', '-x', '8'],
    ['readers', '-X', '-n', '1', '-z', '8', '-w', '256', '-y', '512'],
  ];
  return kinds.map(([name, ...options]) => {
    const line = [command, ...options, ...shared, '-j', cookie, '-p', '30'];
    const [first = '', ...rest] = onCore(core, line);
    const logPath = join(directory, `attack-${name}.log`);
    return new Child({ name: `slowhttptest (${name})`, command: first, arguments: rest, logPath });
  });
}

/** How many connections an attack that has ended had at most, by what it said every five seconds. */
export function connectionsOf(attack: Child): number {
  const counts = attack.logTail().matchAll(/(?:connected|closed):\D*(?:\d+m)?\s*(\d+)/g);
  return Math.max(0, ...[...counts].map(([, count]) => Number(count)));
}
