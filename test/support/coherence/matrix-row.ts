import { expect } from 'vitest';
import type { Fault } from './fault.ts';
import { Fleet, type FleetOptions } from './fleet.ts';

/** Faults of a kind, which share a fleet, one after the other. */
export interface MatrixRow {
  readonly title: string;
  readonly faults: readonly Fault[];
  readonly options?: FleetOptions;
}

/** Redis that has everything that it answered. */
export const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** People come and go while all of it happens, and nobody is let in too late, refused, or told 503 without need. */
export async function runRow({ faults, options }: MatrixRow): Promise<void> {
  await using fleet = await Fleet.start({ ...options });
  await fleet.loggedOut(10);
  for (const fault of faults) {
    await fault.run(fleet);
    // It goes on as before, without a restart.
    await fleet.loggedOut(5);
  }
  const { violations, ...counts } = await fleet.check();
  expect(violations.slice(0, 5)).toEqual([]);
  expect(counts.answered).toBeGreaterThan(10);
  expect(counts.accepted).toBeGreaterThan(100);
  expect(counts.refused).toBeGreaterThan(100);
  expect(counts.streams).toBeGreaterThan(2);
}
