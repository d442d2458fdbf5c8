import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { CpuMeter } from '../../../bench/processes/cpu-meter.ts';

it('counts those who stay, also when somebody ends meanwhile', async () => {
  const short = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  const meter = new CpuMeter([process.pid, short.pid ?? 0]);
  const both = meter.residentMiB;
  short.stdin.end();
  await once(short, 'exit');
  expect(meter.ms).toBeGreaterThanOrEqual(0);
  expect(meter.residentMiB).toBeGreaterThan(0);
  expect(both).toBeGreaterThan(0);
  expect(() => new CpuMeter([short.pid ?? 0])).toThrow(/nobody/);
});
