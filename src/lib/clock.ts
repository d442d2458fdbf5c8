/** Where the time comes from. An argument everywhere, so that no test sleeps. The only file that reads the clocks. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May be set back or forward by an operator. */
  now(): number;
  /** Monotonic clock, milliseconds since an arbitrary zero. Stands still while the machine is suspended. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
