import type { PlaceStore } from '../lib/place-store.ts';

/** Of one account: home, office, a telephone, and some to spare. */
const networksMax = 8;

/**
 * From which networks somebody has logged in before. A place is entered by a right password alone, and one account has
 * few, so nobody can push out another one's without as many accounts as there is room for.
 */
export class KnownPlaces implements PlaceStore {
  readonly #accountsMax: number;
  /** Networks of an account, the newest last; accounts in the order of their logins. */
  readonly #networks = new Map<string, readonly string[]>();

  constructor(accountsMax: number) {
    this.#accountsMax = accountsMax;
  }

  has(account: string, network: string): boolean {
    return this.#networks.get(account)?.includes(network) ?? false;
  }

  of(account: string): readonly string[] {
    return this.#networks.get(account) ?? [];
  }

  add(account: string, network: string): void {
    const others = this.of(account).filter((one) => one !== network);
    this.#networks.delete(account);
    this.#networks.set(account, [...others.slice(1 - networksMax), network]);
    if (this.#networks.size <= this.#accountsMax) return;
    const [oldest] = this.#networks.keys();
    if (oldest !== undefined) this.#networks.delete(oldest);
  }
}
