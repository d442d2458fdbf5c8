/**
 * An answer of our own (not an upstream's): what an endpoint, a refusal or a fixed-answer route gives. One that is made
 * once and sent often is frozen: its text is then kept.
 */
export interface Reply {
  /** 200–599. */
  readonly status: number;
  /** Fields in order, without Content-Length, Connection and Date: the lane writes those. Values are printable ASCII. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Sent as UTF-8 when a string. Left out of the answer to HEAD, but counted in Content-Length. */
  readonly body: string | Buffer;
  /**
   * Only where somebody else forwards: the request may pass, and the fields say what goes with it. Whatever its status is,
   * no other reply lets one pass. The names of the client's fields that its server must not get, in lower case; those of them
   * that this reply has take the place of the client's.
   */
  readonly proceedsWithout?: readonly string[];
}
