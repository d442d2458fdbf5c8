import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Contender } from '../comparison/contender.ts';
import { scenarios } from '../comparison/scenario.ts';
import { kindOf } from '../contenders/catalogue.ts';
import { ScenarioStage } from '../comparison/scenario-stage.ts';
import type { LoadProcess } from '../processes/load-process.ts';
import { until } from '../processes/until.ts';

/** What the kernel is asked for, by a contender, for each request. */
export interface SystemCalls {
  readonly contender: string;
  readonly title: string;
  readonly requests: number;
  readonly perRequest: number;
  /** Of each call that comes more often than once in a thousand requests. */
  readonly byName: Readonly<Record<string, number>>;
}

export interface SystemCallsOptions {
  readonly ids: readonly string[];
  readonly seconds: number;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

const sessions = 100;
const connections = 64;
/** Between its start and when it watches all threads. */
const attachMs = 500;

/** What keeps strace from working here; null for nothing. */
export function straceMissing(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-strace-'));
  try {
    const args = ['-c', '-f', '-o', join(folder, 'out'), 'true'];
    const { error, status, stderr } = spawnSync('strace', args, { encoding: 'utf8' });
    if (error !== undefined) return 'strace is missing: apt-get install strace';
    return status === 0 ? null : `strace does not work here: ${stderr.trim()}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lines of `strace -c`: share, seconds, microseconds a call, calls, errors where there were any, name. */
export function callsIn(summary: string): Map<string, number> {
  const calls = new Map<string, number>();
  for (const line of summary.split('\n')) {
    const [, count, name] =
      /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+([a-z]\w*)\s*$/.exec(line) ?? [];
    if (count !== undefined && name !== undefined && name !== 'total')
      calls.set(name, Number(count));
  }
  return calls;
}

async function countedFor(
  contender: Contender,
  load: LoadProcess,
  { directory, seconds, signal }: SystemCallsOptions,
): Promise<SystemCalls> {
  const { cookies, id, isSecure, path, pids, port, protocol, title } = contender;
  const job = { port, path, isSecure, protocol, cookies, connections };
  await load.run({ ...job, durationSeconds: 1 });
  const summary = join(directory, `${id}.strace`);
  const living = pids.filter((pid) => existsSync(`/proc/${pid}`));
  const watched = living.flatMap((pid) => ['-p', String(pid)]);
  const tracer = spawn('strace', ['-c', '-f', '-o', summary, ...watched], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => {
    tracer.once('exit', () => resolve()).once('error', () => resolve());
  });
  try {
    await pause(attachMs, undefined, { signal });
    const result = await until(load.run({ ...job, durationSeconds: seconds }), signal);
    tracer.kill('SIGINT');
    await ended;
    const requests = Object.values(result.statuses).reduce((sum, count) => sum + count, 0);
    const calls = callsIn(readFileSync(summary, 'utf8'));
    const all = [...calls.values()].reduce((sum, count) => sum + count, 0);
    const often = [...calls]
      .map(([name, count]) => [name, count / requests] as const)
      .filter(([, each]) => each >= 0.001)
      .toSorted(([, one], [, two]) => two - one);
    return {
      ...{ contender: id, title, requests, perRequest: all / requests },
      byName: Object.fromEntries(often),
    };
  } finally {
    tracer.kill('SIGINT');
    await ended;
  }
}

/**
 * Counts with `strace -c` what each contender asks of the kernel under load. Watching makes everybody slow, and so their
 * rounds of the event loop small: under full speed a call serves more requests, not fewer.
 */
export async function countSystemCalls(options: SystemCallsOptions): Promise<SystemCalls[]> {
  const { directory, ids, say, signal } = options;
  const [scenario] = scenarios;
  if (scenario === undefined) throw new Error('there is no scenario');
  const present = ids.filter((id) => kindOf(id).missing() === null);
  await using stage = await ScenarioStage.set({
    ...{ scenario, ids: present, directory, sessions, signal, say },
  });
  const counted: SystemCalls[] = [];
  for (const { contender } of stage.staged) {
    say(`system calls of ${contender.title}`);
    counted.push(await countedFor(contender, stage.load, options));
  }
  return counted;
}
