import type { LogEntry } from './log-entry.ts';
import type { SessionTouch } from './session-store.ts';
import type { ZoneWrite, ZoneWriteAnswer } from './zone-writes.ts';

/**
 * What is asked of the one writer of a session file: plain values, so that it can be asked from another thread or another
 * process. Times are on the clock of whoever asks; it is the same machine's.
 */
export type SessionWrite =
  | CreateWrite
  | TouchWrite
  | RevokeWrite
  | RevokeUserWrite
  | ZoneWrite
  | RevokeAllWrite
  | { readonly deed: 'sweep'; readonly nowMs: number; readonly terms: SessionTerms };

/** Settings that a write depends on. They come with it, so that the writer has none that could grow old. */
export interface SessionTerms {
  readonly idleTimeoutMs: number;
  readonly absoluteTimeoutMs: number;
  readonly touchIntervalMs: number;
  readonly sessionsPerUserMax: number;
  readonly sessionsMax: number;
}

export interface CreateWrite {
  readonly deed: 'create';
  readonly nowMs: number;
  readonly terms: SessionTerms;
  readonly revoker: string;
  readonly key: string;
  /** `userHashOf`. */
  readonly user: string;
  /** Who stands behind it, and the session that it is opened from. */
  readonly actor: { readonly user: string; readonly sessionKey: string } | null;
  readonly deadlineMs: number;
  readonly since: number | null;
  readonly sealed: Uint8Array;
}

export interface TouchWrite {
  readonly deed: 'touch';
  readonly nowMs: number;
  readonly touches: readonly SessionTouch[];
}

export interface RevokeWrite {
  readonly deed: 'revoke';
  readonly nowMs: number;
  readonly terms: SessionTerms;
  /** The worker that asks: see `LogEntry`. */
  readonly revoker: string;
  readonly keys: readonly string[];
  /** Those that are known to be revoked are left out. */
  readonly isLost: boolean;
}

export interface RevokeUserWrite {
  readonly deed: 'revokeUser';
  readonly nowMs: number;
  readonly terms: SessionTerms;
  readonly revoker: string;
  /** The key of a session that must be live for it. */
  readonly caller: string | null;
  readonly user: string;
}

export interface RevokeAllWrite {
  readonly deed: 'revokeAll';
  readonly nowMs: number;
  readonly terms: SessionTerms;
  readonly revoker: string;
  /** Nothing is done where there is an entry of this kind with that number, or a later one. */
  readonly lost: number | null;
}

export type SessionWriteAnswer =
  | {
      readonly kind: 'created';
      readonly revoked: readonly string[];
      readonly entries: readonly LogEntry[];
    }
  | { readonly kind: 'refused'; readonly reason: 'taken' | 'overtaken' | 'actorEnded' }
  | { readonly kind: 'callerEnded' }
  | { readonly kind: 'full' }
  | {
      readonly kind: 'touched';
      readonly gone: readonly string[];
      readonly revoked: readonly string[];
    }
  | {
      readonly kind: 'revoked';
      readonly keys: readonly string[];
      readonly count: number;
      readonly entries: readonly LogEntry[];
    }
  /** Not done: there may be more to sweep. */
  | { readonly kind: 'swept'; readonly count: number; readonly isDone: boolean }
  | ZoneWriteAnswer
  /** Nothing was written, and why. */
  | { readonly kind: 'failed'; readonly sentence: string };

/** The way to the one writer. */
export interface SessionWrites {
  /** Rejects with a sentence where nothing can be written. */
  start(): Promise<void>;
  /** When it answers, what was written survives the process, and what was revoked survives the machine. */
  perform(write: SessionWrite): Promise<SessionWriteAnswer>;
  stop(): Promise<void>;
}
