import { describe, expect, it } from 'vitest';
import { RestartBackoff } from '../../../src/lifecycle/restart-backoff.ts';

describe('the wait before a crashed worker is started again', () => {
  it('is none at first, and twice as long each time up to half a minute', () => {
    const backoff = new RestartBackoff();
    const waits = Array.from({ length: 12 }, () => backoff.crashed(0));
    expect(waits.slice(0, 5)).toEqual([0, 100, 200, 400, 800]);
    expect(waits.slice(-3)).toEqual([25_600, 30_000, 30_000]);
  });

  it('begins anew where the worker had served for a while', () => {
    const backoff = new RestartBackoff();
    for (const _ of [1, 2, 3, 4]) backoff.crashed(9_999);
    expect(backoff.crashed(10_000)).toBe(0);
    expect(backoff.crashed(0)).toBe(100);
  });
});
