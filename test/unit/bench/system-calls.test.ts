import { expect, it } from 'vitest';
import { callsIn } from '../../../bench/extras/system-calls.ts';

it('counts what strace wrote, with errors and without, and not its total', () => {
  const summary = [
    '% time     seconds  usecs/call     calls    errors syscall',
    '------ ----------- ----------- --------- --------- ----------------',
    ' 61.10    0.120000           5     24000           write',
    ' 38.90    0.080000           3     26000      2000 read',
    '------ ----------- ----------- --------- --------- ----------------',
    '100.00    0.200000           4     50000      2000 total',
  ].join('\n');
  expect(callsIn(summary)).toEqual(
    new Map([
      ['write', 24_000],
      ['read', 26_000],
    ]),
  );
});
