import { describe, expect, it } from 'vitest';
import { ratiosOf } from '../../../bench/comparison/ratios.ts';
import type { ResultRow, RoundSample } from '../../../bench/results/result-file.ts';
import { rowOf } from '../../../bench/results/result-rows.ts';

function sample(cpuMicrosPerRequest: number, p99Ms: number): RoundSample {
  return {
    ...{ cpuMicrosPerRequest, p99Ms, requestsPerSecond: 1, p50Ms: 1, p90Ms: 1, p999Ms: 1 },
    ...{ rssMiB: 1, wasBusy: true, coreShare: 1, loadCoreShare: null },
  };
}

function row(scenario: string, contender: string, micros: readonly number[], p99Ms = 1): ResultRow {
  const names = { scenario, contender, title: contender, connections: 64, note: null };
  return rowOf(
    names,
    micros.map((each) => sample(each, p99Ms)),
  );
}

describe('a ratio', () => {
  it('is the middle of what each round says, not the ratio of two middles', () => {
    const [ratio] = ratiosOf([
      row('small-get', 'portcullis', [10, 20, 90]),
      row('small-get', 'nginx-auth-request', [20, 80, 100]),
    ]);
    expect(ratio).toMatchObject({ median: 0.5, least: 0.25, most: 0.9, limit: 0.6, aim: 0.5 });
    expect(ratio?.isMet).toBe(true);
  });

  it('is missed above its limit', () => {
    const [ratio] = ratiosOf([
      row('small-get', 'portcullis', [61]),
      row('small-get', 'nginx-auth-request', [100]),
    ]);
    expect(ratio?.isMet).toBe(false);
  });

  it('is neither met nor missed where somebody was not measured', () => {
    const [ratio] = ratiosOf([
      row('small-get', 'portcullis', [10]),
      row('small-get', 'nginx-auth-request', []),
    ]);
    expect(ratio).toMatchObject({ median: null, isMet: null });
  });

  it('is not told of somebody who was not asked for', () => {
    expect(ratiosOf([row('small-get', 'portcullis', [10])])).toEqual([]);
  });

  it('is over the cheapest of several', () => {
    const [ratio] = ratiosOf([
      row('tls', 'portcullis', [10]),
      row('tls', 'nginx-auth-request', [20]),
      row('tls', 'nginx-njs', [8]),
    ]);
    expect(ratio).toMatchObject({ denominator: 'nginx-njs', median: 1.25, isMet: false });
  });

  it('of two workers is compared with the one of one', () => {
    const ratios = ratiosOf([
      row('small-get', 'portcullis', [10]),
      row('small-get', 'nginx-plain', [10]),
      row('two-cores', 'portcullis', [12]),
      row('two-cores', 'nginx-plain', [10]),
    ]);
    const ratio = ratios.find(({ scenario }) => scenario === 'two-cores');
    expect(ratio).toMatchObject({ median: 1.2, limit: 1.15, isMet: false });
  });

  it('of latencies is within its limit as long as they are a millisecond apart', () => {
    const at = (ours: number): boolean | null | undefined =>
      ratiosOf([
        row('half-load', 'portcullis', [1], ours),
        row('half-load', 'nginx-plain', [1], 0.5),
      ])[0]?.isMet;
    expect([at(0.7), at(1.4), at(1.6)]).toEqual([true, true, false]);
  });
});
