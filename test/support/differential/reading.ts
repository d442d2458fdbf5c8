/** What a parser made of one request. */
export interface RequestReading {
  readonly method: string;
  readonly target: string;
  /** Major and minor, with a dot. */
  readonly version: string;
  /** Names and values in turn, as they came. */
  readonly fields: readonly string[];
  /** The body's octets so far, one a character. */
  body: string;
  /** Its last octet came. */
  isWhole: boolean;
}

/** What a parser made of all that came on a connection. */
export interface Reading {
  readonly requests: readonly RequestReading[];
  /**
   * `open`: waits for more; `closed`: the last request is answered and the connection ends with it; `refused`: what comes
   * next, or the rest of the last request, cannot be read.
   */
  readonly end: 'open' | 'closed' | 'refused';
  readonly reason: string;
}
