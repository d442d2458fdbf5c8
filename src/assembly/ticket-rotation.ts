import type { ListenerConfig } from '../config/listener.ts';
import type { Clock } from '../lib/clock.ts';
import { newTicketKeys } from '../lib/ticket-keys.ts';

const LOOK_MS = 1_000;

/**
 * The keys of TLS tickets, one for each listener, the same in all workers: a client that comes back resumes whichever
 * worker it meets.
 */
export class TicketRotation {
  readonly #clock: Clock;
  readonly #renewed: (listener: string, keys: Buffer) => void;
  readonly #keys = new Map<string, { keys: Buffer; sinceMs: number; rotationMs: number }>();
  #timer: NodeJS.Timeout | undefined;

  /** `renewed` tells the workers. */
  constructor(clock: Clock, renewed: (listener: string, keys: Buffer) => void) {
    this.#clock = clock;
    this.#renewed = renewed;
  }

  /** Keys of listeners that were there before stay. */
  use(listeners: readonly ListenerConfig[]): void {
    const before = new Map(this.#keys);
    this.#keys.clear();
    for (const { name, tls } of listeners) {
      if (tls === null) continue;
      const known = before.get(name) ?? { keys: newTicketKeys(), sinceMs: this.#clock.monotonic() };
      this.#keys.set(name, { ...known, rotationMs: tls.ticketRotationMs });
    }
  }

  /** By the listener's name. */
  all(): Record<string, Uint8Array> {
    return Object.fromEntries([...this.#keys].map(([name, { keys }]) => [name, keys]));
  }

  start(): void {
    this.#timer = setInterval(() => this.rotate(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Those whose time is over. */
  rotate(): void {
    const nowMs = this.#clock.monotonic();
    for (const [name, one] of this.#keys) {
      if (nowMs - one.sinceMs < one.rotationMs) continue;
      one.keys = newTicketKeys();
      one.sinceMs = nowMs;
      this.#renewed(name, one.keys);
    }
  }
}
