import { createHmac, randomBytes } from 'node:crypto';
import { defaultCost } from './argon2id-cost.ts';
import { decoyOf } from './stored-password.ts';
import type { StoredPassword } from './stored-password.ts';

/** What is checked against where a directory does not know anybody. */
const ofNobody: StoredPassword = Object.freeze({
  kind: 'argon2id',
  hash: Object.freeze({ cost: defaultCost, salt: new Uint8Array(16), tag: new Uint8Array(32) }),
});

/**
 * Passwords of users who do not exist, so that trying an unknown name costs what trying a known one
 * costs. Where the real ones differ in cost, the unknown names differ likewise: each real one has a
 * decoy, and a name always gets the same decoy until the next start, by a keyed hash that outsiders
 * cannot compute. With one decoy for all, every other cost would give a user away.
 */
export class Decoys {
  readonly #key = randomBytes(32);
  readonly #decoys: readonly StoredPassword[];

  constructor(real: readonly StoredPassword[]) {
    this.#decoys = (real.length === 0 ? [ofNobody] : real).map(decoyOf);
  }

  /** The decoy for a name. A match against it means nothing and must not be looked at. */
  pick(username: string): StoredPassword {
    const draw = createHmac('sha256', this.#key).update(username, 'utf8').digest().readUInt32BE();
    return this.#decoys[draw % this.#decoys.length] ?? ofNobody;
  }
}
