/** What a client got back on its connection. */
export interface Received {
  /** One octet a character. */
  readonly text: string;
  /** How the gateway left, or that it did not in all the time that a case has. */
  readonly end: 'fin' | 'reset' | 'stuck' | 'unconnected';
}

/** No case takes longer: every wait of the gateway's is a fraction of it. */
export const CASE_MS = 12_000;
/** Of a client that goes once something came back: an answer may never come. */
export const ANSWER_MS = 60;
