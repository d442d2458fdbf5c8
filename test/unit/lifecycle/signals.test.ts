import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { waitForSignals } from '../../../src/lifecycle/signals.ts';

describe('a gateway that is told to end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 when it has drained: %s', async (signal) => {
    const source = new EventEmitter();
    const seen: string[] = [];
    const code = waitForSignals(source, async (name) => void seen.push(name));
    source.emit(signal, signal);
    expect(await code).toBe(0);
    expect(seen).toEqual([signal]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('does not wait for the drain at a second signal: %s', async (signal, expected) => {
    const source = new EventEmitter();
    let ends = 0;
    const code = waitForSignals(source, () => {
      ends += 1;
      return new Promise(() => {});
    });
    source.emit('SIGTERM', 'SIGTERM');
    source.emit(signal, signal);
    expect(await code).toBe(expected);
    expect(ends).toBe(1);
  });

  it('ends with 1 when it cannot end in order', async () => {
    const source = new EventEmitter();
    const code = waitForSignals(source, () => Promise.reject(new Error('no')));
    source.emit('SIGTERM', 'SIGTERM');
    expect(await code).toBe(1);
  });

  it('leaves no listener behind', async () => {
    const source = new EventEmitter();
    const code = waitForSignals(source, async () => {});
    expect(source.listenerCount('SIGTERM')).toBe(1);
    source.emit('SIGINT', 'SIGINT');
    await code;
    expect(source.eventNames()).toEqual([]);
  });
});
