import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StartRemains } from '../../../src/lifecycle/start-remains.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A process that is as busy and as large as it is told. */
class ToldProcess {
  share = 0;
  heap = 20_000_000;
  collections = 0;

  busyShare(): number {
    return this.share;
  }

  heapBytes(): number {
    return this.heap;
  }

  collect(): void {
    this.collections += 1;
  }
}

it('the remains of a start are collected once, when nothing has happened for a second', () => {
  const told = new ToldProcess();
  const remains = new StartRemains(told);
  told.share = 0.2;
  remains.start();
  vi.advanceTimersByTime(3_000);
  expect(told.collections).toBe(0);
  told.share = 0.01;
  vi.advanceTimersByTime(1_000);
  expect(told.collections).toBe(1);
  vi.advanceTimersByTime(60_000);
  expect(told.collections).toBe(1);
});

it('whoever had work to do in that time is not disturbed afterwards', () => {
  const told = new ToldProcess();
  new StartRemains(told).start();
  told.share = 0.6;
  vi.advanceTimersByTime(3_000);
  told.share = 0;
  vi.advanceTimersByTime(60_000);
  expect(told.collections).toBe(0);
});

it('a gateway without a quiet second at its start, with a large heap, or stopped, is left alone', () => {
  const [busy, large, stopped] = [new ToldProcess(), new ToldProcess(), new ToldProcess()];
  busy.share = 0.9;
  large.heap = 500_000_000;
  new StartRemains(busy).start();
  new StartRemains(large).start();
  const remains = new StartRemains(stopped);
  remains.start();
  remains.stop();
  vi.advanceTimersByTime(11_000);
  // It is no start any more.
  busy.share = 0;
  large.heap = 20_000_000;
  vi.advanceTimersByTime(60_000);
  expect([busy, large, stopped].map(({ collections }) => collections)).toEqual([0, 0, 0]);
});
