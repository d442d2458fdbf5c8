/** How long, and how many at most. */
export interface RecentRevocationsLimits {
  readonly keepMs: number;
  readonly keysMax: number;
}

/**
 * What has been revoked lately, each with its number in the order of revocations. Two generations: when the young one is
 * old or full it becomes the old one, and the one before is forgotten whole. So a key is remembered for `keepMs` at
 * least, unless more than `keysMax` / 2 came meanwhile: what is certain then is that `covers` says so.
 */
export class RecentRevocations {
  readonly #limits: RecentRevocationsLimits;
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  #youngSinceMs = -Infinity;
  #number = 0;
  /** The last number of the old generation. */
  #oldEnd = 0;
  /** The last number that has been forgotten. */
  #forgotten = 0;

  constructor(limits: RecentRevocationsLimits) {
    this.#limits = limits;
  }

  /** The number of the latest revocation. */
  get number(): number {
    return this.#number;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  add(key: string, nowMs: number): void {
    if (this.#young.size * 2 >= this.#limits.keysMax) this.#turn(nowMs);
    else this.age(nowMs);
    this.#number += 1;
    this.#young.set(key, this.#number);
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  /** 0 where none is remembered. */
  numberOf(key: string): number {
    return this.#young.get(key) ?? this.#old.get(key) ?? 0;
  }

  /** Whether every revocation after this number is still remembered. */
  covers(number: number): boolean {
    return number >= this.#forgotten;
  }

  /** Something else has happened that earlier numbers know nothing of: they are not covered any more. */
  doubt(): void {
    this.#number += 1;
    this.#forgotten = this.#number;
  }

  keys(): string[] {
    return [...this.#old.keys(), ...this.#young.keys()];
  }

  /** Forgets what is old enough. */
  age(nowMs: number): void {
    if (nowMs - this.#youngSinceMs >= this.#limits.keepMs) this.#turn(nowMs);
  }

  #turn(nowMs: number): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngSinceMs = nowMs;
    this.#forgotten = Math.max(this.#forgotten, this.#oldEnd);
    this.#oldEnd = this.#number;
  }
}
