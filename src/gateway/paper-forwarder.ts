import type { Clock } from '../lib/clock.ts';
import { outgoingHead } from './enrich.ts';
import type { Exchange } from './exchange.ts';
import type { ForwardPhase } from './forwarder.ts';
import type { RouteTarget } from './route.ts';

/** Chooses the server and writes the head as for any request, tells what came of it, and sends nothing. */
export class PaperForwarder implements ForwardPhase {
  readonly #clock: Clock;
  readonly #written: (exchange: Exchange, head: string) => void;

  constructor(clock: Clock, written: (exchange: Exchange, head: string) => void) {
    this.#clock = clock;
    this.#written = written;
  }

  forward(exchange: Exchange, upstream: Extract<RouteTarget, { kind: 'upstream' }>): void {
    const { route } = exchange;
    if (route === null) return;
    exchange.server = upstream.target.choice.next(exchange, this.#clock.monotonic());
    this.#written(exchange, outgoingHead(exchange, route, upstream));
  }

  // Nothing is asked for, so nothing comes.

  ready(): void {}

  placeReady(): void {}

  failed(): void {}

  relayFailed(): void {}

  answered(): void {}

  ended(): void {}
}
