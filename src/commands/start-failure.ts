import { ConfigProblems } from '../config/config-problems.ts';
import { ConfigUnreadable } from '../config/config-unreadable.ts';
import { ServiceError } from '../lifecycle/service.ts';
import { WorkerEndError } from '../lifecycle/worker-process.ts';
import { DirectoryConfigError } from '../users/directory-config-error.ts';

/** What a person is told whose gateway does not start. */
export interface StartFailure {
  readonly exitCode: number;
  /** Whole lines. */
  readonly text: string;
}

/** Null: a defect of ours, which deserves its stack. */
export function startFailureOf(error: unknown): StartFailure | null {
  if (error instanceof ConfigProblems) return { exitCode: 2, text: error.format() };
  if (error instanceof DirectoryConfigError) {
    return { exitCode: 2, text: error.problems.map((problem) => `${problem}\n`).join('') };
  }
  if (error instanceof ConfigUnreadable) {
    return { exitCode: 1, text: `portcullis start: ${error.message}\n` };
  }
  if (!(error instanceof ServiceError)) return null;
  const { cause } = error;
  if (cause instanceof WorkerEndError) {
    // A worker that said so itself has said it as it would have been said here.
    const { startExitCode } = cause.end;
    const text = startExitCode === null ? `portcullis start: ${cause.message}` : cause.message;
    return { exitCode: startExitCode ?? 1, text: `${text}\n` };
  }
  return { exitCode: 1, text: `${sentenceOf(error)}\n` };
}

/** A cause that is a sentence of ours says it better than the chain around it. */
function sentenceOf(error: ServiceError): string {
  return error.cause instanceof Error && error.cause.cause !== undefined
    ? error.cause.message
    : `portcullis start: ${error.message}.`;
}
