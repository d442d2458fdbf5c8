import type { CheckResult } from './check-history.ts';
import { chaosSchedule } from './chaos-schedule.ts';
import { Fleet, type FleetOptions } from './fleet.ts';

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly tell: (line: string) => void;
  readonly fleet?: FleetOptions;
}

export interface ChaosResult extends CheckResult {
  readonly faults: number;
}

/** Three nodes, people, and one fault after the other (some two at a time) until the time is over; then everything that happened is checked. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { minutes, seed, tell } = options;
  await using fleet = await Fleet.start({
    nodes: 3,
    seed,
    redisArgs: ['--appendonly', 'yes', '--appendfsync', 'always'],
    ...options.fleet,
  });
  const startedAt = performance.now();
  let faults = 0;
  for (const step of chaosSchedule(seed)) {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs > minutes * 60_000) break;
    const titles = step.map(({ title }) => title).join(', and ');
    tell(`${(elapsedMs / 1000).toFixed(1).padStart(7)} s  ${titles}`);
    await Promise.all(step.map((fault) => fault.run(fleet)));
    faults += step.length;
    await fleet.settle();
    await fleet.loggedOut(3);
  }
  const result = await fleet.check();
  tell(`${JSON.stringify(fleet.traffic.counts)}`);
  return { ...result, faults };
}
