import type { SidecarConfig } from '../config/sidecar.ts';
import type { FieldNames } from '../http/field-names.ts';
import { canonicalTarget } from '../http/request-target.ts';
import type { Reply } from '../http/reply.ts';
import type { ListenerCounters } from './counters.ts';
import type { CutReason } from './cut-reason.ts';
import { describedRequest } from './described-request.ts';
import type { Gate, Lane, LaneExchange, Outcome, Peer } from './lane.ts';
import type { Refusal } from './refusals.ts';
import { RequestHead } from './request-head.ts';
import { readRequestHead, type RequestLimits } from './request-parser.ts';
import { sidecarAnswer } from './sidecar-answer.ts';

/** A place where a proxy asks, and who decides there. */
export interface Sidecar {
  readonly config: SidecarConfig;
  readonly decision: Gate;
  readonly limits: RequestLimits;
}

/** What the calls of a listener share. */
export interface SidecarCallOwner {
  readonly names: FieldNames;
  /** Not let through, in one's own words. */
  readonly refused: Reply;
  isTrusted(address: string): boolean;
  ended(call: SidecarCall): void;
  /** Somebody is told of an exception; the proxy gets a no. */
  failed(error: unknown): void;
}

/** The proxy that asks, as whoever decides sees it: its connection says nothing of its client's. */
class AskingPeer implements Peer {
  address = '';
  readonly listener: string;
  readonly isSecure = false;
  readonly secured = null;
  readonly counters: ListenerCounters;
  readonly told = null;

  constructor(counters: ListenerCounters) {
    this.listener = counters.listener;
    this.counters = counters;
  }
}

/**
 * One question of a proxy in front: to the lane that it came by an exchange, to the decision a lane. It is used again for
 * later ones, as a connection is, so a question costs one head more to read and nothing else.
 */
export class SidecarCall implements LaneExchange, Lane {
  readonly peer: AskingPeer;
  readonly #owner: SidecarCallOwner;
  readonly #head = new RequestHead();
  #asking: Lane | null = null;
  #question: RequestHead | null = null;
  #sidecar: Sidecar | null = null;
  #exchange: LaneExchange | null = null;

  constructor(owner: SidecarCallOwner, counters: ListenerCounters) {
    this.#owner = owner;
    this.peer = new AskingPeer(counters);
  }

  take(asking: Lane, question: RequestHead, sidecar: Sidecar): this {
    this.peer.address = asking.peer.address;
    this.#asking = asking;
    this.#question = question;
    this.#sidecar = sidecar;
    return this;
  }

  // ── To the lane of the proxy ───────────────────────────────────────────────────────────────────────────────────────

  begin(): void {
    try {
      this.#ask();
    } catch (error) {
      this.#owner.failed(error);
      this.#asking?.reply(this.#owner.refused);
    }
  }

  /** Nothing is relayed for a question: the three that follow are never called. */
  respond(): void {}

  inform(): void {}

  relayFailed(): void {}

  /** Nor is a body asked for. */
  bodyCollected(): void {}

  finished(outcome: Outcome, status: number, bodyBytesSent: number): void {
    // A call that were given back twice would belong to two clients.
    if (this.#asking === null) return;
    this.#exchange?.finished(outcome, status, bodyBytesSent);
    this.#exchange = null;
    this.#asking = null;
    this.#question = null;
    this.#sidecar = null;
    this.#head.reset('');
    this.peer.address = '';
    this.#owner.ended(this);
  }

  // ── To the decision ────────────────────────────────────────────────────────────────────────────────────────────────

  get bodyBytesReceived(): number {
    return this.#asking?.bodyBytesReceived ?? 0;
  }

  reply(reply: Reply): void {
    this.#asking?.reply(sidecarAnswer(reply, this.#place.config.profile, this.#owner.refused));
  }

  refuse(refusal: Refusal): void {
    this.reply(this.#place.decision.refuse(this, refusal, this.#head, this.#exchange));
  }

  /** An endpoint wants a body, and the proxy has it: such a request is not one to ask about. */
  collect(): void {
    this.reply(this.#owner.refused);
  }

  relay(): void {
    this.reply(this.#owner.refused);
  }

  upgrade(): void {
    this.reply(this.#owner.refused);
  }

  cut(reason: CutReason): void {
    this.#asking?.cut(reason);
  }

  // ── Within ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #ask(): void {
    const { decision } = this.#place;
    const refusal = this.#read();
    if (refusal !== null) {
      this.reply(decision.refuse(this, refusal, this.#head, null));
      return;
    }
    this.#exchange = decision.open(this, this.#head);
    this.#exchange.begin();
  }

  get #place(): Sidecar {
    if (this.#sidecar === null) throw new Error('nobody has asked');
    return this.#sidecar;
  }

  #read(): Refusal | null {
    const { config, limits } = this.#place;
    if (!this.#owner.isTrusted(this.peer.address)) return 'peer-untrusted';
    if (this.#question === null) return 'not-described';
    const text = describedRequest(this.#question, config.profile, config.path);
    if (text === null) return 'not-described';
    const head = this.#head;
    const refusal = readRequestHead(text, text.length - 4, limits, this.#owner.names, head);
    if (refusal !== null) return refusal;
    const isHandshake = head.nominated.includes('upgrade');
    if (isHandshake && !head.isWebSocket) return 'handshake-unsound';
    // The proxy forwards its own spelling of the path, so there must be no other.
    const canonical = canonicalTarget(head.target, false);
    if (typeof canonical === 'string') return null; // the decision says what is wrong
    return head.target.length === canonical.path.length + canonical.query.length &&
      head.target.startsWith(canonical.path)
      ? null
      : 'target-not-canonical';
  }
}
