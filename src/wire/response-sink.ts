import type { BodySink } from './body-sink.ts';
import type { ResponseHead } from './response-head.ts';
import type { UpstreamFailure } from './upstream-failure.ts';

/** What an upstream connection speaks to while it carries an exchange: the client's side of a lane. */
export interface ResponseSink extends BodySink {
  /** Whether one read of a long body may take more than usual: a client who stalls then has all of it wait for him. */
  readonly takesLongReads: boolean;
  /** A 1xx answer other than 100 and 101; the head is only lent. */
  informationReceived(head: ResponseHead): void;
  /** The head of the answer; only lent. */
  headReceived(head: ResponseHead): void;
  /** The end of one read: what waits for company goes out now. */
  flush(): void;
  /** The answer is whole. The connection is no longer this sink's. */
  responseEnded(): void;
  /** No (whole) answer will come. The connection is no longer this sink's. */
  responseFailed(failure: UpstreamFailure): void;
  /** After a `write` to the connection gave false: there is room again for the body of the request. */
  requestDrained(): void;
}
