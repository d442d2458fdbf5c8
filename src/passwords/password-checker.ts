import { timingSafeEqual } from 'node:crypto';
import type { KeyCheck, KeyCheckResult } from './check-key.ts';
import { CostLadder } from './cost-ladder.ts';
import type { CostClass } from './cost-ladder.ts';
import type { HashTurn } from './hash-turn.ts';
import { plainDigest } from './stored-password.ts';
import type { StoredKey, StoredPassword } from './stored-password.ts';

/** The part of the hashing pool that checking needs. */
export interface KeyChecker {
  /** Whether the first check of a login would be turned away now; without it nobody knows beforehand. */
  readonly isFull?: boolean;
  checkKey(job: KeyCheck, turn?: HashTurn): Promise<KeyCheckResult | 'unavailable'>;
}

export type PasswordMatch = 'match' | 'mismatch' | 'unavailable';

/**
 * Checks the passwords of one directory so that every refusal takes the same time: an unknown name,
 * a disabled user and a wrong password, whatever the hashes of different users cost.
 *
 * - Nobody to check against: the dearest hash that the directory has is computed, with random bytes
 *   for its key.
 * - A cheaper hash that did not match: its thread works on until the dearest one's time is spent.
 *
 * A match is not held up: who knows the password may know how dear its hash is. The dearest is by
 * measured processor time; it is known from the start where the directory knows its hashes, and
 * learned as rows are seen where it does not.
 */
export class PasswordChecker {
  readonly #keys: KeyChecker;
  readonly #costs: CostLadder;
  #measuring: Promise<boolean> | null = null;

  constructor(keys: KeyChecker, known: readonly StoredPassword[]) {
    this.#keys = keys;
    this.#costs = new CostLadder(known);
  }

  /** Whoever comes now is turned away, whoever he is: there is no need to look him up. */
  isFullFor(turn: HashTurn | undefined): boolean {
    return (turn?.number ?? null) === null && this.#keys.isFull === true;
  }

  /** Lets refusals be as dear as these from now on. */
  learn(known: readonly StoredPassword[]): void {
    for (const stored of known) if (stored.kind === 'key') this.#costs.classOf(stored);
  }

  /**
   * `stored` null: there is nobody, or nobody who may log in. The caller has refused what
   * `isPasswordAcceptable` refuses. `turn`: of the login that this check is part of.
   */
  async check(
    password: string,
    stored: StoredPassword | null,
    turn?: HashTurn,
  ): Promise<PasswordMatch> {
    if (stored === null) return await this.#refuse(password, turn);
    if (stored.kind === 'plain') {
      const isMatch = timingSafeEqual(plainDigest(password), stored.digest);
      return isMatch ? 'match' : await this.#refuse(password, turn);
    }
    const own = this.#costs.classOf(stored);
    if (own !== this.#costs.dearest && !(await this.#isDearestMeasured())) return 'unavailable';
    return await this.#run(password, stored, own, turn);
  }

  /** Does what checking the dearest would do; whatever comes out of it, nobody stands behind it. */
  async #refuse(password: string, turn?: HashTurn): Promise<PasswordMatch> {
    const { dearest } = this.#costs;
    if (dearest === null) return 'mismatch';
    const match = await this.#run(password, dearest.decoy, dearest, turn);
    return match === 'unavailable' ? match : 'mismatch';
  }

  /** One measurement for all who wait for it; false when the pool is too busy to tell. */
  async #isDearestMeasured(): Promise<boolean> {
    const { dearest } = this.#costs;
    if (dearest === null || dearest.isMeasured) return true;
    this.#measuring ??= this.#run('', dearest.decoy, dearest).then((match) => {
      this.#measuring = null;
      return match !== 'unavailable';
    });
    return await this.#measuring;
  }

  async #run(
    password: string,
    stored: StoredKey,
    own: CostClass,
    turn?: HashTurn,
  ): Promise<PasswordMatch> {
    const { derivation, key } = stored;
    const mismatchMicroseconds = this.#costs.dearest?.measuredMicroseconds ?? 0;
    const job = { password, derivation, key, mismatchMicroseconds };
    const result = await this.#keys.checkKey(job, turn);
    if (result === 'unavailable') return result;
    own.note(result.spentMicroseconds);
    return result.isMatch ? 'match' : 'mismatch';
  }
}
