import type { SessionWrite, SessionWriteAnswer } from './session-writes.ts';

/** What the thread of the writer is started with. */
export interface WriterThreadStart {
  readonly path: string;
}

export interface WriteRequest {
  readonly id: number;
  readonly write: SessionWrite;
}

export type WriterReply =
  | { readonly kind: 'open' }
  /** It cannot be written; the thread ends. */
  | { readonly kind: 'closed'; readonly sentence: string }
  | {
      readonly kind: 'answers';
      readonly answers: readonly (readonly [id: number, answer: SessionWriteAnswer])[];
    };
