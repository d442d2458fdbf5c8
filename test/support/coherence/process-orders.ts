import { readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/lib/clock.ts';

/** What a process does to itself when it is told to, as an operator, a virtual machine or a long computation would. */
export type ProcessOrder =
  /** Its event loop stands still. */
  | { readonly what: 'block'; readonly ms: number }
  /** Its wall clock shows so much more than that of the machine. */
  | { readonly what: 'clock'; readonly aheadMs: number };

/** Nobody else in a gateway listens to it. */
export const orderSignal = 'SIGUSR2';

/** Within the process: on the signal it does what the file says, and removes the file. */
export function takeOrders(folder: string): void {
  const path = orderPath(folder, process.pid);
  const systemNow = systemClock.now;
  process.on(orderSignal, () => {
    const order = JSON.parse(readFileSync(path, 'utf8')) as ProcessOrder; // `giveOrder` wrote it
    if (order.what === 'clock') systemClock.now = () => systemNow() + order.aheadMs;
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.ms);
    unlinkSync(path);
  });
}

/** Where the order for a process is written, and gone when it has been carried out. */
export function orderPath(folder: string, pid: number): string {
  return join(folder, `order-${String(pid)}.json`);
}
