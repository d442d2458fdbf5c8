import type { Reply } from '../http/reply.ts';
import type { ListenerCounters } from './counters.ts';
import type { CutReason } from './cut-reason.ts';
import type { Refusal } from './refusals.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import type { SecuredPeer } from './secured-peer.ts';
import type { UpgradeOrder } from './upgrade-order.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamFailure } from './upstream-failure.ts';

/** Who is at the other end of a client connection, and by which listener it came. */
export interface Peer {
  /** The socket's address, IPv4-mapped IPv6 written as IPv4. */
  readonly address: string;
  readonly listener: string;
  /** The client's side is TLS, ours or that of a terminator of our own. */
  readonly isSecure: boolean;
  /** Null: no TLS of ours. */
  readonly secured: SecuredPeer | null;
  readonly counters: ListenerCounters;
  /** What upstreams were last told of this client: most requests of a connection say the same. */
  told: ToldOrigin | null;
}

/** The fields that tell an upstream where a request comes from, and what they were made of. */
export interface ToldOrigin {
  readonly address: string;
  readonly isSecure: boolean;
  readonly host: string;
  /** With `Forwarded`. */
  readonly isForwardedSent: boolean;
  readonly lines: string;
}

/**
 * One way of speaking to a client, as seen by the decision: it says *reply* or *relay* once per request and never learns
 * which lane asked.
 */
export interface Lane {
  readonly peer: Peer;
  /** For logs; a decision never asks. */
  readonly isHttp2?: boolean;
  /** Octets of the request's body that were read from the client. */
  readonly bodyBytesReceived: number;
  /** Answers from here. What is left of the request's body is not waited for: the connection then closes after the answer. */
  reply(reply: Reply): void;
  /** The request is malformed after all (its target, say): answers as the gate has it for a refusal, and closes. */
  refuse(refusal: Refusal): void;
  /** Reads the body for us; `exchange.bodyCollected` gets it, or the lane refuses it. */
  collect(bytesMax: number): void;
  /** Sends `requestText` and the body over `connection` and brings the answer back. */
  relay(connection: UpstreamConnection, requestText: string): void;
  /** Hands the connection over to a WebSocket if the upstream agrees. Only asked where `head.isWebSocket`. */
  upgrade(order: UpgradeOrder): void;
  /** Ends what is under way, on both sides, whatever has been sent. */
  cut(reason: CutReason): void;
}

/** How an exchange ended. `ok`: the answer went out whole, whatever its status. */
export type Outcome =
  | 'ok'
  | 'client-abort'
  | `refused:${Refusal}`
  | `upstream:${UpstreamFailure}`
  | `cut:${CutReason}`;

/** What a lane tells of one exchange. `finished` comes exactly once, whatever happens. */
export interface LaneExchange {
  /** Decides, now or later, by a call to the lane. */
  begin(): void;
  /** Edits the fields of the upstream's answer. `clientMinor` 0 cannot be told everything. */
  respond(head: ResponseHead): void;
  /** The same for a 1xx answer. */
  inform(head: ResponseHead): void;
  bodyCollected(body: Buffer): void;
  /** No byte of an answer reached the client. The exchange tries again or replies. `isBodyTouched`: not with this body. */
  relayFailed(failure: UpstreamFailure, hasAnswerBegun: boolean, isBodyTouched: boolean): void;
  finished(outcome: Outcome, status: number, bodyBytesSent: number): void;
}

/** Where every lane takes its requests. */
export interface Gate {
  /** The exchange for a request; the lane keeps it, then calls `begin`. */
  open(lane: Lane, head: RequestHead): LaneExchange;
  /**
   * A request that the codec refused, on its head (`exchange` null) or within its body: what to answer. Counted by the
   * gate, and logged by it where there is no exchange.
   */
  refuse(lane: Lane, refusal: Refusal, head: RequestHead, exchange: LaneExchange | null): Reply;
}
