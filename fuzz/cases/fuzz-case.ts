/** Where a client connects. `strict` refuses odd field names and takes absolute targets; `secure` speaks TLS. */
export type Door = 'clear' | 'strict' | 'secure';

export const LANES = ['http1', 'tls', 'http2', 'upgrade'] as const;
export type FuzzLane = (typeof LANES)[number];

/** When a client goes. `fin`: behind its last octet; `answer`: once something came back; `hold`: it waits to be left. */
export type Leaving = 'fin' | 'answer' | 'reset' | 'hold';

/** What an upstream does when its octets are written. */
export type AnswerEnd = 'keep' | 'fin' | 'reset' | 'hold';

/** What an upstream says to one request, octet for octet. */
export interface AnswerScript {
  /** One octet a character. */
  readonly text: string;
  /** How many of them are the head, which is all that a HEAD gets; -1: everything goes out whatever was asked. */
  readonly headLength: number;
  /** Where the pieces begin in which it goes out; only of what cannot be cut short by an early end. */
  readonly cuts: readonly number[];
  readonly end: AnswerEnd;
  readonly delayMs: number;
  /** It comes as soon as the head of the request is there. */
  readonly isEarly: boolean;
}

interface CaseBase {
  readonly index: number;
  readonly door: Door;
  /** By the turn of the request; the last one serves all further ones. */
  readonly answers: readonly AnswerScript[];
  /** Whether a session of ours is among what it says. */
  readonly hasSession: boolean;
}

/** What a client on HTTP/1.1 says on one connection. */
export interface Http1Case extends CaseBase {
  readonly kind: 'http1';
  /** One octet a character. */
  readonly text: string;
  /** Where the pieces begin in which it goes out; rising. */
  readonly cuts: readonly number[];
  readonly leaving: Leaving;
}

/** A handshake for a WebSocket, and what the client says once it is open. */
export interface UpgradeCase extends CaseBase {
  readonly kind: 'upgrade';
  readonly text: string;
  readonly cuts: readonly number[];
  readonly leaving: Leaving;
  /** Said once a 101 has come. */
  readonly clientFrames: string;
}

/** One request on HTTP/2 as it was meant before the frames were spoilt. */
export interface Http2Request {
  /** In the order in which they are sent; pseudo-header fields among them. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** All octets behind the TLS handshake. */
export interface Http2Case extends CaseBase {
  readonly kind: 'http2';
  readonly bytes: Buffer;
  readonly cuts: readonly number[];
  readonly leaving: Leaving;
  readonly requests: readonly Http2Request[];
  /** The frames say something else than `requests`. */
  readonly isSpoilt: boolean;
}

export type FuzzCase = Http1Case | UpgradeCase | Http2Case;
