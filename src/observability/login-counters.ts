import type { Sample } from './figure.ts';

/** What became of a login: `unencodable` is a right password of somebody whom upstreams cannot be told about. */
export type LoginResult = 'accepted' | 'rejected' | 'unavailable' | 'throttled' | 'unencodable';

/** Login attempts in plain numbers. Directories come from the configuration, so there are few. */
export class LoginCounters {
  readonly #counts = new Map<string, { directory: string; result: LoginResult; count: number }>();

  /** Every combination begins at zero, so that a rate over the first failure is not lost. */
  constructor(directories: readonly string[]) {
    for (const directory of directories) {
      this.#entry(directory, 'accepted');
      this.#entry(directory, 'unencodable');
    }
    this.#entry('none', 'rejected');
    this.#entry('none', 'unavailable');
    this.#entry('none', 'throttled');
  }

  /** `directory` null: none vouched. */
  count(directory: string | null, result: LoginResult): void {
    this.#entry(directory ?? 'none', result).count += 1;
  }

  samples(): Sample[] {
    return [...this.#counts.values()].map(({ directory, result, count }) => ({
      labels: { directory, result },
      value: count,
    }));
  }

  #entry(directory: string, result: LoginResult): { count: number } {
    const key = `${result} ${directory}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const entry = { directory, result, count: 0 };
    this.#counts.set(key, entry);
    return entry;
  }
}
