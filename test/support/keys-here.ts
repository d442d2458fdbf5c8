import { checkKey } from '../../src/passwords/check-key.ts';
import type { KeyCheck, KeyCheckResult } from '../../src/passwords/check-key.ts';
import { PasswordChecker } from '../../src/passwords/password-checker.ts';
import type { KeyChecker, PasswordMatch } from '../../src/passwords/password-checker.ts';
import type { StoredPassword } from '../../src/passwords/stored-password.ts';

/** In place of the hashing pool: computes on this thread and writes down every job. */
export class KeysHere implements KeyChecker {
  readonly jobs: KeyCheck[] = [];

  async checkKey(job: KeyCheck): Promise<KeyCheckResult> {
    this.jobs.push(job);
    return checkKey(job);
  }
}

/** Whether a password is what was stored. */
export async function checkHere(password: string, stored: StoredPassword): Promise<PasswordMatch> {
  return await new PasswordChecker(new KeysHere(), [stored]).check(password, stored);
}
