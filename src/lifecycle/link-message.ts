import type { FileSnapshot } from '../config/read.ts';
import type { DrainOrder } from './service.ts';

/** What every worker of a generation is made of. */
export interface WorkerPlan {
  /** Counts configurations that were taken, from 1. */
  readonly generation: number;
  readonly configPath: string;
  /** The files as they were when the configuration was found right. */
  readonly files: FileSnapshot;
  readonly drainTimeoutMs: number;
}

/** What the primary says to a worker. */
export type ToWorker =
  /** With a handle, by the listener's name. */
  | { readonly kind: 'listener'; readonly listener: string; readonly port: number }
  | {
      readonly kind: 'begin';
      readonly worker: number;
      readonly plan: WorkerPlan;
      /** By the listener's name. */
      readonly ticketKeys: Readonly<Record<string, Uint8Array>>;
    }
  | { readonly kind: 'tickets'; readonly listener: string; readonly keys: Uint8Array }
  /** Take nothing new, finish what there is, then end. A second one takes the place of the first. */
  | { readonly kind: 'retire'; readonly order: DrainOrder }
  /** Files of logs have been moved away. */
  | { readonly kind: 'reopenLogs' }
  | Question
  | Answer
  | Broadcast;

/** What a worker says to the primary. */
export type FromWorker =
  | { readonly kind: 'ready' }
  /** It cannot start; it ends with this exit code. */
  | { readonly kind: 'failed'; readonly exitCode: number; readonly text: string }
  /** Why it is about to crash. */
  | { readonly kind: 'crashing'; readonly reason: string }
  /** The last word of one that retired: what it counted in its life. */
  | { readonly kind: 'leaving'; readonly metrics: readonly object[] }
  | Question
  | Answer
  | Broadcast;

/** Answered by an `Answer` with the same number. */
export interface Question {
  readonly kind: 'question';
  readonly number: number;
  readonly topic: string;
  readonly body: unknown;
}

export interface Answer {
  readonly kind: 'answer';
  readonly number: number;
  readonly body: unknown;
}

/** From one worker, through the primary, to all others. */
export interface Broadcast {
  readonly kind: 'broadcast';
  readonly body: unknown;
}
