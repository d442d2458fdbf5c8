import type { Directory } from './directory.ts';
import { rejected, unavailable } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/**
 * Directories asked one after another; the first acceptance wins. One that is out or throws does
 * not stop the rest, but then a refusal by all the others is no refusal: the user may be in the one
 * that could not answer, so the verdict is 'unavailable'.
 */
export class DirectoryChain {
  readonly #directories: readonly Directory[];
  readonly #onFault: (directory: string, error: unknown) => void;

  /**
   * `onFault` hears of every directory that threw: that is a defect of its adapter, and is not
   * lost.
   */
  constructor(
    directories: readonly Directory[],
    onFault: (directory: string, error: unknown) => void = () => {},
  ) {
    this.#directories = [...directories];
    this.#onFault = onFault;
  }

  authenticate(username: string, password: string): Promise<Verdict> {
    return this.#ask((directory) => directory.authenticate(username, password));
  }

  /** Looks a user up by name alone. */
  find(username: string): Promise<Verdict> {
    return this.#ask((directory) => directory.find(username));
  }

  /** Ends what the directories hold open. */
  close(): void {
    for (const directory of this.#directories) directory.close?.();
  }

  async #ask(question: (directory: Directory) => Promise<Verdict>): Promise<Verdict> {
    let combined = rejected;
    for (const directory of this.#directories) {
      // One after another on purpose: a later directory is not asked about a user of an earlier
      // one.
      const verdict = await this.#answerOf(directory, question);
      if (verdict.kind === 'accepted') return verdict;
      if (verdict.kind === 'unavailable') combined = unavailable;
    }
    return combined;
  }

  async #answerOf(
    directory: Directory,
    question: (directory: Directory) => Promise<Verdict>,
  ): Promise<Verdict> {
    try {
      return await question(directory);
    } catch (error) {
      this.#onFault(directory.name, error);
      return unavailable;
    }
  }
}
