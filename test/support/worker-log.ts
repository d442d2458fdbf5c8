import type { Gateway } from './gateway.ts';
import { waitForValue } from './wait-for.ts';

/** What the log says with an event, in order. */
export function events(gateway: Gateway, name: string): Record<string, unknown>[] {
  return gateway.process.stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>) // JSON.parse knows no types
    .filter((line) => line['event'] === name);
}

/** The first line with this event, from the `after`th on. */
export function event(
  gateway: Gateway,
  name: string,
  after = 0,
  ms = 15_000,
): Promise<Record<string, unknown>> {
  return waitForValue(`${name} in the log`, () => events(gateway, name)[after] ?? null, ms);
}
