import type { FieldNames } from '../http/field-names.ts';
import type { Reply } from '../http/reply.ts';
import type { ListenerCounters } from './counters.ts';
import type { Gate, Lane, LaneExchange } from './lane.ts';
import type { Refusal } from './refusals.ts';
import type { RequestHead } from './request-head.ts';
import { SidecarCall, type Sidecar, type SidecarCallOwner } from './sidecar-call.ts';

/** More calls than this are not kept for later ones. */
const idleMax = 1_024;

export interface SidecarGateParts {
  /** For everything that is no question. */
  readonly own: Gate;
  readonly sidecars: readonly Sidecar[];
  /** Who may ask. */
  readonly trustedPeers: { has(address: string): boolean };
  readonly names: FieldNames;
  readonly refused: Reply;
  readonly counters: ListenerCounters;
  readonly failed: (error: unknown) => void;
}

/**
 * The gate of a listener where proxies in front ask whether a request of theirs may pass. A question is known by its
 * target as it came, before anybody normalises it: what Envoy puts behind the path of its sidecar is its client's, and
 * could else lead to another place of this listener.
 */
export class SidecarGate implements Gate, SidecarCallOwner {
  readonly names: FieldNames;
  readonly refused: Reply;
  readonly #parts: SidecarGateParts;
  readonly #idle: SidecarCall[] = [];

  constructor(parts: SidecarGateParts) {
    this.#parts = parts;
    this.names = parts.names;
    this.refused = parts.refused;
  }

  open(lane: Lane, head: RequestHead): LaneExchange {
    const sidecar = this.#sidecarOf(head.target);
    if (sidecar === undefined) return this.#parts.own.open(lane, head);
    const call = this.#idle.pop() ?? new SidecarCall(this, this.#parts.counters);
    return call.take(lane, head, sidecar);
  }

  refuse(lane: Lane, refusal: Refusal, head: RequestHead, exchange: LaneExchange | null): Reply {
    return this.#parts.own.refuse(lane, refusal, head, exchange);
  }

  isTrusted(address: string): boolean {
    return this.#parts.trustedPeers.has(address);
  }

  ended(call: SidecarCall): void {
    if (this.#idle.length < idleMax) this.#idle.push(call);
  }

  failed(error: unknown): void {
    this.#parts.failed(error);
  }

  #sidecarOf(target: string): Sidecar | undefined {
    const { sidecars } = this.#parts;
    for (let index = 0; index < sidecars.length; index++) {
      const sidecar = sidecars[index];
      if (sidecar === undefined) return undefined;
      const { path, profile } = sidecar.config;
      if (!target.startsWith(path)) continue;
      const next = target.charCodeAt(path.length);
      if (profile === 'envoy') {
        if (next === 0x2f) return sidecar;
      } else if (target.length === path.length || next === 0x3f) {
        // Caddy leaves its client's query there; what counts of it is in the description.
        return sidecar;
      }
    }
    return undefined;
  }
}
