import { HashTurn } from '../passwords/hash-turn.ts';
import type { Directory } from './directory.ts';
import type { Standing } from './standing.ts';
import type { TokenSource, TokenVerdict } from './token-directory.ts';
import { rejected, unavailable } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/**
 * Directories asked one after another; the first acceptance wins. One that is out or throws does
 * not stop the rest, but then a refusal by all the others is no refusal: the user may be in the one
 * that could not answer, so the verdict is 'unavailable'.
 */
export class DirectoryChain {
  readonly #directories: readonly Directory[];
  readonly #tokenSources: readonly TokenSource[];
  readonly #onFault: (directory: string, error: unknown) => void;

  /**
   * `onFault` hears of every directory that threw: that is a defect of its adapter, and is not
   * lost.
   */
  constructor(
    directories: readonly Directory[],
    onFault: (directory: string, error: unknown) => void = () => {},
    tokenSources: readonly TokenSource[] = [],
  ) {
    this.#directories = [...directories];
    this.#tokenSources = [...tokenSources];
    this.#onFault = onFault;
  }

  async authenticate(username: string, password: string): Promise<Verdict> {
    const turn = new HashTurn();
    try {
      return await this.#ask(this.#directories, (one) =>
        one.authenticate(username, password, turn),
      );
    } finally {
      turn.end();
    }
  }

  /** Looks a user up by name alone. */
  find(username: string): Promise<Verdict> {
    return this.#ask(this.#directories, (one) => one.find(username));
  }

  /** Asks those whom identity providers vouch to. */
  authenticateToken(token: string): Promise<TokenVerdict> {
    return this.#ask(this.#tokenSources, (one) => one.authenticateToken(token));
  }

  /** Of somebody whom this directory let in; null where it says nothing about anybody. */
  standing(directory: string, subject: string): Promise<Standing | null> {
    const asked = this.#directories.find((one) => one.name === directory);
    if (asked?.standing === undefined) return Promise.resolve(null);
    return this.#answerOf(asked, async (one) => (await one.standing?.(subject)) ?? null);
  }

  /** Every directory that can be out, and whether it is. */
  outages(): readonly { readonly directory: string; readonly isOut: boolean }[] {
    return [...this.#directories, ...this.#tokenSources].flatMap(({ name, isOut }) =>
      isOut === undefined ? [] : [{ directory: name, isOut }],
    );
  }

  /** What one of them throws keeps none of the others open. */
  async close(): Promise<void> {
    const endings = this.#directories.map(async (directory) => directory.close?.());
    for (const [index, ending] of (await Promise.allSettled(endings)).entries()) {
      if (ending.status === 'fulfilled') continue;
      this.#onFault(this.#directories[index]?.name ?? '', ending.reason);
    }
  }

  async #ask<Source extends { readonly name: string }, Answer extends { readonly kind: string }>(
    sources: readonly Source[],
    question: (source: Source) => Promise<Answer>,
  ): Promise<Answer | typeof rejected | typeof unavailable> {
    let refusal: Answer | typeof rejected | typeof unavailable = rejected;
    let isOneOut = false;
    for (const source of sources) {
      // One after another on purpose: a later directory is not asked about a user of an earlier
      // one.
      const verdict = await this.#answerOf(source, question);
      if (verdict.kind === 'accepted') return verdict;
      if (verdict.kind === 'unavailable') isOneOut = true;
      // The first that knows the name says whose it is.
      else if (refusal === rejected) refusal = verdict;
    }
    return isOneOut ? unavailable : refusal;
  }

  async #answerOf<Source extends { readonly name: string }, Answer>(
    source: Source,
    question: (source: Source) => Promise<Answer>,
  ): Promise<Answer | typeof unavailable> {
    try {
      return await question(source);
    } catch (error) {
      this.#onFault(source.name, error);
      return unavailable;
    }
  }
}
