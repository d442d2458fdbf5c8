import type { LaneExchange, Outcome } from './lane.ts';
import type { Refusal } from './refusals.ts';
import type { SocketTaker } from './socket-taker.ts';
import type { CarriedRequest, Carrier } from './upgrade-carrier.ts';
import type { UpstreamFailure } from './upstream-failure.ts';

/** One attempt at a handshake with an upstream server. */
export interface UpgradeOrder extends CarriedRequest {
  readonly carrier: Carrier;
  readonly key: string;
}

/** The client connection that is being upgraded. */
export interface UpgradingConnection extends SocketTaker {
  taker: SocketTaker;
  readonly exchange: LaneExchange | null;
  refuse(refusal: Refusal): void;
  relayFailed(failure: UpstreamFailure, hasAnswerBegun: boolean): void;
  upgradeEnded(outcome: Outcome, status: number, bytes: number): void;
}
