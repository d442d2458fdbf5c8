import type { Reply } from '../http/reply.ts';
import type { ListenerCounters } from '../wire/counters.ts';
import type { Lane, Peer } from '../wire/lane.ts';
import type { Refusal } from '../wire/refusals.ts';

/** What a lane was told to do. */
export type LaneOrder =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  | { readonly kind: 'forward'; readonly head: string };

/** A lane with nobody at its end: it keeps the first thing that it is told. */
export class PaperLane implements Lane {
  readonly peer: Peer;
  readonly bodyBytesReceived = 0;
  readonly #told = Promise.withResolvers<LaneOrder>();

  constructor(peer: Omit<Peer, 'counters' | 'secured'>, counters: ListenerCounters) {
    this.peer = { ...peer, secured: null, counters };
  }

  get told(): Promise<LaneOrder> {
    return this.#told.promise;
  }

  forward(head: string): void {
    this.#told.resolve({ kind: 'forward', head });
  }

  reply(reply: Reply): void {
    this.#told.resolve({ kind: 'reply', reply });
  }

  refuse(refusal: Refusal): void {
    this.#told.resolve({ kind: 'refuse', refusal });
  }

  /** Endpoints that want a body, and connections, are not there. */
  collect(): void {}

  relay(): void {}

  upgrade(): void {}

  cut(): void {}
}
