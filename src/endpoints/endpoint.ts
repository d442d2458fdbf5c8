import type { AskedRequest } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import type { LiveSession } from '../session/live-session.ts';

/** What an endpoint is given of an exchange: the head, the whole body where it takes one, and who is asking. */
export interface EndpointRequest extends AskedRequest {
  readonly requestId: string;
  /** Host with port, canonical; empty for HTTP/1.0 without Host. */
  readonly host: string;
  readonly clientAddress: string;
  /** Of the socket: the last proxy's, or the client's own. */
  readonly peerAddress: string;
  /** Always there on a route with `auth: session`, never on one without. */
  readonly live: LiveSession | null;
  /** A fresh cookie for the same session should go with the answer. */
  readonly isRenewalDue: boolean;
  /** The value of our cookie, if exactly one came. */
  readonly cookieToken: string | null;
  /** Empty when none was sent, or when the endpoint takes none. */
  readonly body: Buffer;
  /** The value of a cookie by its exact name, if exactly one came. */
  cookie(name: string): string | null;
  /** All fields as they would be forwarded, ours included, in order. */
  fieldLines(): readonly (readonly [name: string, value: string])[];
}

/** A URL that we answer ourselves. */
export interface Endpoint {
  /** Of a longer body nothing is read; 0: the endpoint takes none. */
  readonly bodyBytesMax: number;
  answer(request: EndpointRequest): Reply | Promise<Reply>;
}
