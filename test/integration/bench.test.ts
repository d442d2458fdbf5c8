import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patientMs } from '../support/patience.ts';

const main = join(import.meta.dirname, '../../bench/run.ts');
const quick = ['--rounds', '1', '--seconds', '1', '--sessions', '20'];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A group of its own: everybody whom it starts can be found by it. */
function start(args: readonly string[]) {
  const bench = spawn(process.execPath, [main, ...quick, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
    detached: true,
  });
  if (bench.pid === undefined) throw new Error('the benchmark did not start');
  return { bench, group: bench.pid };
}

/** Whoever is still there of a process group. */
function membersOf(group: number): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // Behind the name: state, parent, group.
      const [state, , own] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(own) === group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

describe('npm run bench', { timeout: patientMs(60_000) }, () => {
  it('writes who was measured, in how many rounds, and how they compare', async () => {
    const path = join(folder, 'result.json');
    const { bench } = start(['--only', 'portcullis,relay', '--json', path]);
    const [output, progress] = await Promise.all([
      text(bench.stdout),
      text(bench.stderr),
      once(bench, 'exit'),
    ]);
    expect(bench.exitCode, progress).toBe(0);
    expect(progress).toMatch(/about \d+ s left/);
    expect(output).toContain('Portcullis ÷ a blind relay');
    const result: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const round = {
      cpuMicrosPerRequest: expect.any(Number),
      requestsPerSecond: expect.any(Number),
      p50Ms: expect.any(Number),
      p90Ms: expect.any(Number),
      p99Ms: expect.any(Number),
      p999Ms: expect.any(Number),
      rssMiB: expect.any(Number),
      wasBusy: expect.any(Boolean),
    };
    const { wasBusy: _, ...medians } = round;
    const row = (contender: string) =>
      expect.objectContaining({
        ...{ scenario: 'small-get', contender, connections: 64, ...medians },
        rounds: [expect.objectContaining(round)],
      });
    expect(result).toMatchObject({
      machine: { cpu: expect.any(String), node: process.versions.node },
      commit: expect.any(String),
      settings: { rounds: 1, seconds: 1, only: ['portcullis', 'relay'] },
      rows: [row('portcullis'), row('relay')],
      ratios: [{ numerator: 'portcullis', denominator: 'relay', median: expect.any(Number) }],
      missing: [],
      configurations: { portcullis: expect.any(String), relay: expect.any(String) },
    });
  });

  it('leaves no process and no file behind when it is interrupted', async () => {
    const { bench, group } = start(['--only', 'portcullis,nginx-auth-request']);
    const exited = once(bench, 'exit');
    bench.stdout.resume();
    let progress = '';
    const isUnderWay = new Promise<void>((resolve, reject) => {
      bench.stderr.setEncoding('utf8').on('data', (piece: string) => {
        progress += piece;
        if (progress.includes('warm-up')) resolve();
      });
      bench.once('exit', () => reject(new Error(progress)));
    });
    await isUnderWay;
    expect(membersOf(group).length).toBeGreaterThan(4);
    bench.kill('SIGINT');
    await exited;
    expect(bench.exitCode).toBe(130);
    expect(membersOf(group)).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.startsWith('portcullis-bench-'))).toEqual([]);
  });
});
