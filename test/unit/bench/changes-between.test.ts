import { describe, expect, it } from 'vitest';
import { changesBetween } from '../../../bench/difference/changes-between.ts';
import { machineDifferences } from '../../../bench/difference/machine-differences.ts';
import type { BenchResult } from '../../../bench/results/result-file.ts';
import { benchResult, rowWith } from '../../support/bench-result.ts';

function resultOf(micros: readonly number[]): BenchResult {
  const [row] = [rowWith('small-get', ['portcullis', 'Portcullis'], micros)];
  // Rates and latencies are made from the median: one figure is enough here.
  const rounds = row.rounds.map((round) => ({ ...round, requestsPerSecond: null, p99Ms: null }));
  return { ...benchResult, rows: [{ ...row, rounds }] };
}

const changed = (before: readonly number[], after: readonly number[]) =>
  changesBetween(resultOf(before), resultOf(after)).map(({ figure, isWorse }) => [figure, isWorse]);

describe('two results of one machine', () => {
  it('differ where a median moved by more than 5 % and more than the rounds lie apart', () => {
    expect(changed([20, 20.1, 19.9], [22, 22.1, 21.9])).toEqual([['cpuMicrosPerRequest', true]]);
    expect(changed([22, 22.1, 21.9], [20, 20.1, 19.9])).toEqual([['cpuMicrosPerRequest', false]]);
  });

  it('do not differ by what is less than 5 %, however quiet the rounds were', () => {
    expect(changed([20, 20, 20], [20.9, 20.9, 20.9])).toEqual([]);
    expect(changed([20, 20, 20], [21.1, 21.1, 21.1])).toHaveLength(1);
  });

  it('do not differ by what the rounds differ by among themselves', () => {
    expect(changed([16, 20, 24], [19, 23, 27])).toEqual([]);
    expect(changed([19.9, 20, 20.1], [22.9, 23, 23.1])).toHaveLength(1);
  });

  it('know that more requests per second are better, and less memory', () => {
    const before = rowWith('small-get', ['portcullis', 'Portcullis'], [20, 20, 20]);
    const after = {
      ...before,
      rounds: before.rounds.map((round) => ({ ...round, requestsPerSecond: 80_000, rssMiB: 130 })),
    };
    const changes = changesBetween(
      { ...benchResult, rows: [before] },
      { ...benchResult, rows: [after] },
    );
    expect(changes.map(({ figure, isWorse }) => [figure, isWorse])).toEqual([
      ['requestsPerSecond', false],
      ['rssMiB', true],
    ]);
  });

  it('say nothing of what only one of them has', () => {
    const rows = [rowWith('tls', ['portcullis', 'Portcullis'], [99])];
    expect(changesBetween(resultOf([20]), { ...benchResult, rows })).toEqual([]);
  });
});

describe('two machines', () => {
  it('are told apart by processor, cores, kernel and pinning, and not by commit or Node', () => {
    const machine = { ...benchResult.machine, commit: 'd', node: '27.0.0' };
    expect(machineDifferences(benchResult, { ...benchResult, machine })).toEqual([]);
    const settings = { ...benchResult.settings, pinning: 'not pinned' };
    const other = { ...benchResult, settings, machine: { ...machine, cpu: 'B', cores: 4 } };
    expect(machineDifferences(benchResult, other)).toEqual([
      `cpu: ${benchResult.machine.cpu}, then B`,
      'cores: 2, then 4',
      'pinning: pinned: contender on core 0, then not pinned',
    ]);
  });
});
