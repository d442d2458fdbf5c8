import type { HashTurn } from '../passwords/hash-turn.ts';
import type { Standing } from './standing.ts';
import type { Verdict } from './verdict.ts';

/**
 * A source of principals. Names and passwords come as they were typed: each directory puts names
 * through `canonicalUsername` and passwords through `isPasswordAcceptable` itself, so that none is
 * unsafe when it is asked alone. `test/contract/directory.ts` holds every adapter to this.
 */
export interface Directory {
  readonly name: string;
  /** Whether the last question that it was asked had no answer. Absent for one that cannot be out. */
  readonly isOut?: boolean;
  /**
   * An unknown name and a wrong password take the same path and the same time. `turn`: of this login, where the
   * passwords of other directories are checked for it too.
   */
  authenticate(username: string, password: string, turn?: HashTurn): Promise<Verdict>;
  /** Looks a user up without a password: for staff who act upon somebody. */
  find(username: string): Promise<Verdict>;
  /** Of somebody who logged in here, by the subject: for looking after those who are logged in. */
  standing?(username: string): Promise<Standing>;
  /** Gives back connections and files; the directory is not asked again. */
  close?(): Promise<void>;
}
