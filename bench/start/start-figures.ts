/** One start of a gateway, from the moment when it was told to. */
export interface StartSample {
  /** Until somebody had an answer of it. */
  readonly firstAnswerMs: number;
  /** What of that it spent on a processor, all threads together: says more on a machine that has other work. */
  readonly cpuMs: number;
  /** Of the whole process tree, when it had idled for a while. */
  readonly rssMiB: number;
  /** The same of each process, the first one first. */
  readonly processesMiB: readonly number[];
}

/** What `npm run bench:start` says of one store. */
export interface StartFigures {
  readonly store: 'memory' | 'redis';
  /** Medians. */
  readonly firstAnswerMs: number;
  readonly rssMiB: number;
  readonly limits: { readonly firstAnswerMs: number; readonly rssMiB: number };
  readonly isMet: boolean;
  readonly rounds: readonly StartSample[];
}
