import type { Reply } from '../http/reply.ts';

/** A request for the console, as plain parts: it may have to go to another process. */
export interface ConsoleQuestion {
  readonly method: string;
  /** Begins with `/console`. */
  readonly path: string;
  /** With its `?`; empty for none. */
  readonly query: string;
  /** As the browser names us, canonical, with the port. */
  readonly host: string;
  readonly isSecure: boolean;
  readonly address: string;
  readonly requestId: string;
  /** Names in lower case, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** What somebody who looks on has seen: the digest of each section. */
export type Seen = Readonly<Record<string, string>>;

/** What there is to see. */
export type Look =
  /** Sections that have changed, as HTML, and the digests of all. */
  | {
      readonly kind: 'seen';
      readonly seen: Seen;
      readonly changed: Readonly<Record<string, string>>;
    }
  /** Nobody can say whether this session still is one: nothing is shown. */
  | { readonly kind: 'unavailable' }
  /** Not for whoever asks, or no more. */
  | { readonly kind: 'refused'; readonly reply: Reply };

/** The console, as the operators' port knows it. Neither call rejects. */
export interface ConsolePort {
  answer(question: ConsoleQuestion): Promise<Reply>;
  /** For a stream of events. Does not count as activity of the session. */
  look(question: ConsoleQuestion, seen: Seen): Promise<Look>;
}
