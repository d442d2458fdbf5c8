import { describe, expect, test } from 'vitest';
import { RecentRevocations } from '../../../src/session/recent-revocations.ts';

describe('recent revocations', () => {
  test('are numbered, a later one of the same key counts', () => {
    const recent = new RecentRevocations({ keepMs: 1_000, keysMax: 10 });
    recent.add('a', 0);
    recent.add('b', 0);
    recent.add('a', 0);
    expect(recent.number).toBe(3);
    expect([recent.numberOf('a'), recent.numberOf('b'), recent.numberOf('c')]).toEqual([3, 2, 0]);
    expect([recent.has('a'), recent.has('c')]).toEqual([true, false]);
  });

  test('are kept for their time at least, and forgotten within twice of it', () => {
    const recent = new RecentRevocations({ keepMs: 1_000, keysMax: 10 });
    recent.add('a', 100);
    for (let ms = 100; ms < 1_100; ms += 10) {
      recent.age(ms);
      expect(recent.has('a')).toBe(true);
    }
    recent.age(1_100);
    recent.age(2_100);
    expect(recent.has('a')).toBe(false);
    expect(recent.size).toBe(0);
  });

  test('are bounded, and what was forgotten is admitted', () => {
    const recent = new RecentRevocations({ keepMs: 1_000_000, keysMax: 10 });
    const before = recent.number;
    for (let n = 0; n < 100; n += 1) {
      recent.add(`key${String(n)}`, n);
      expect(recent.size).toBeLessThanOrEqual(10);
    }
    expect(recent.has('key99')).toBe(true);
    expect(recent.covers(before)).toBe(false);
    expect(recent.covers(recent.number)).toBe(true);
    for (let n = 0; n < 100; n += 1) {
      // Whoever took a number before it and is told that all is covered finds it.
      if (recent.covers(n)) expect(recent.has(`key${String(n)}`)).toBe(true);
    }
  });
});
