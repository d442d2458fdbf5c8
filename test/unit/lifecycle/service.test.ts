import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type DrainOrder,
  Services,
  ServiceError,
  type Service,
} from '../../../src/lifecycle/service.ts';

let deeds: string[] = [];
beforeEach(() => {
  deeds = [];
});
afterEach(() => {
  vi.useRealTimers();
});

function service(name: string, more: Partial<Service> = {}): Service {
  return {
    name,
    start: () => void deeds.push(`start ${name}`),
    drain: () => void deeds.push(`drain ${name}`),
    stop: () => void deeds.push(`stop ${name}`),
    ...more,
  };
}

const failing = (): never => {
  throw new Error('broken');
};
const noFault = (error: ServiceError): void => expect.unreachable(error.message);

const within = (timeoutMs: number): DrainOrder => ({ timeoutMs, idleMs: 0, keptRoutes: null });

describe('services', () => {
  it('start in order and stop in reverse', async () => {
    const all = new Services([service('a'), service('b'), service('c')], noFault);
    await all.start();
    await all.stop();
    expect(deeds).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
  });

  it('are stopped in reverse when the third of five does not start', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const all = new Services(
      names.map((name) => service(name, name === 'c' ? { start: failing } : {})),
      noFault,
    );
    await expect(all.start()).rejects.toThrow('c does not start: broken');
    expect(deeds).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  });

  it('name the service that failed and keep the cause', async () => {
    const all = new Services([service('a', { start: failing })], noFault);
    const error = await all.start().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ service: 'a', cause: { message: 'broken' } });
  });

  it('all stop, even where one fails to, and the failure is told', async () => {
    const faults: string[] = [];
    const all = new Services(
      [service('a'), service('b', { stop: failing }), service('c')],
      (error) => faults.push(error.message),
    );
    await all.start();
    await all.stop();
    expect(deeds.slice(3)).toEqual(['stop c', 'stop a']);
    expect(faults).toEqual(['b does not stop: broken']);
  });

  it('stop once, however often they are told', async () => {
    const all = new Services([service('a')], noFault);
    await all.start();
    await Promise.all([all.stop(), all.stop()]);
    await all.stop();
    expect(deeds).toEqual(['start a', 'stop a']);
  });

  it('do not go on starting when they are stopped meanwhile', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const all = new Services(
      [service('a'), service('b', { start: () => promise }), service('c')],
      noFault,
    );
    const started = all.start();
    await Promise.resolve();
    const stopped = all.stop();
    resolve();
    await expect(started).rejects.toThrow('stopped meanwhile');
    await stopped;
    expect(deeds).toEqual(['start a', 'stop a', 'stop b']);
  });

  it('drain all at once and say that they have finished', async () => {
    const gate = Promise.withResolvers<void>();
    const all = new Services(
      [service('a', { drain: () => gate.promise }), service('b'), { name: 'c' }],
      noFault,
    );
    await all.start();
    const drained = all.drain(within(60_000));
    expect(deeds).toContain('drain b');
    gate.resolve();
    expect(await drained).toBe('finished');
  });

  it('are cut at the deadline', async () => {
    vi.useFakeTimers();
    const all = new Services([service('a', { drain: () => new Promise<void>(() => {}) })], noFault);
    await all.start();
    const drained = all.drain(within(30_000));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await drained).toBe('cut');
    await all.stop();
    expect(deeds).toEqual(['start a', 'stop a']);
  });

  it('that fail to drain hold nobody up', async () => {
    const faults: string[] = [];
    const all = new Services([service('a', { drain: failing }), service('b')], (error) =>
      faults.push(error.message),
    );
    await all.start();
    expect(await all.drain(within(1_000))).toBe('finished');
    expect(faults).toEqual(['a does not drain: broken']);
  });
});
