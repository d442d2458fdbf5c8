import { describe, expect, it } from 'vitest';
import { benchHelp, parseBenchOptions } from '../../../bench/comparison/options.ts';
import { plannedSeconds } from '../../../bench/comparison/run-scenario.ts';
import { plannedSessionSeconds } from '../../../bench/comparison/session-scenarios.ts';
import { everybody, scenarios } from '../../../bench/comparison/scenario.ts';
import { kindOf } from '../../../bench/contenders/catalogue.ts';
import { plannedExtraSeconds } from '../../../bench/extras/full-extras.ts';

/** About how long a command line takes, in minutes. */
function minutesOf(args: readonly string[]): number {
  const { isFull, planned, rounds, seconds, sizes } = parseBenchOptions(args);
  const timing = { rounds, seconds };
  const all =
    planned.reduce((sum, { ids }) => sum + plannedSeconds(ids, timing), 0) +
    plannedSessionSeconds(sizes, timing) +
    (isFull ? plannedExtraSeconds : 0);
  return all / 60;
}

describe('the options of the benchmark', () => {
  it('are every contender on the headline when nothing is said, within five minutes', () => {
    const { planned } = parseBenchOptions([]);
    expect(planned.map(({ scenario }) => scenario.name)).toEqual(['small-get']);
    expect(planned[0]?.ids).toEqual(everybody);
    expect(minutesOf([])).toBeLessThan(5);
  });

  it('are every scenario in full, within 75 minutes', () => {
    const { planned, rounds, sizes } = parseBenchOptions(['--full']);
    expect(planned).toHaveLength(scenarios.length);
    expect(sizes).toEqual([1_000, 10_000, 100_000, 1_000_000]);
    expect(rounds).toBe(9);
    expect(minutesOf(['--full'])).toBeLessThan(75);
  });

  it('measure only those who were named, where they can be', () => {
    const { planned, sizes } = parseBenchOptions([
      ...['--only', 'relay,portcullis', '--scenario', 'tls,small-get,sessions-1e3'],
    ]);
    expect(planned.map(({ ids, scenario }) => [scenario.name, ids])).toEqual([
      ['small-get', ['relay', 'portcullis']],
      ['tls', ['portcullis']],
    ]);
    expect(sizes).toEqual([1_000]);
  });

  it('name what they do not know', () => {
    expect(() => parseBenchOptions(['--only', 'apache'])).toThrow(/apache is none of/);
    expect(() => parseBenchOptions(['--scenario', 'clear'])).toThrow(/clear is none of/);
    expect(() => parseBenchOptions(['--only', 'relay', '--scenario', 'tls'])).toThrow(/none of/);
    expect(() => parseBenchOptions(['--full', '--scenario', 'tls'])).toThrow(/--full/);
  });

  it('are all in a help of 80 columns', () => {
    expect(benchHelp.split('\n').filter((line) => line.length > 80)).toEqual([]);
    for (const { name } of scenarios) expect(benchHelp).toContain(name);
    for (const id of everybody) expect(benchHelp).toContain(id);
  });

  it('name nobody who is not in the catalogue', () => {
    const ids = scenarios.flatMap(({ contenders, possible = [] }) => [...contenders, ...possible]);
    for (const id of new Set(ids)) expect(kindOf(id).id).toBe(id);
  });
});
