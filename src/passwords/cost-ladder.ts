import { defaultCost } from './argon2-cost.ts';
import type { KeyDerivation } from './derive-key.ts';
import { decoyOf } from './stored-password.ts';
import type { StoredKey, StoredPassword } from './stored-password.ts';

/** So many recent times make the median: one slow run moves nothing. */
const timesMax = 9;

/** A directory has a handful of costs; rows that make up more of them find no room. */
const classesMax = 64;

/** All hashes that cost the same. */
export class CostClass {
  /** Stands for a user who is not there: it costs the same, and nobody knows what would match it. */
  readonly decoy: StoredKey;
  readonly estimatedMicroseconds: number;
  readonly #times: number[] = [];
  #median = 0;

  constructor(like: StoredKey) {
    this.decoy = decoyOf(like);
    this.estimatedMicroseconds = estimatedMicroseconds(like.derivation);
  }

  get isMeasured(): boolean {
    return this.#times.length > 0;
  }

  /** Processor time; 0 while nothing is known. */
  get measuredMicroseconds(): number {
    return this.#median;
  }

  note(microseconds: number): void {
    this.#times.push(microseconds);
    if (this.#times.length > timesMax) this.#times.shift();
    const sorted = this.#times.toSorted((a, b) => a - b);
    this.#median = sorted[Math.floor(sorted.length / 2)] ?? microseconds;
  }
}

/** What the hashes of a directory cost, and which of them are the dearest. */
export class CostLadder {
  readonly #classes = new Map<string, CostClass>();

  /** With nothing known at all, refusals cost what new hashes cost. */
  constructor(known: readonly StoredPassword[]) {
    for (const stored of known.length === 0 ? [ofNobody] : known) {
      if (stored.kind === 'key') this.classOf(stored);
    }
  }

  /** Null where every password stands in plain text. */
  get dearest(): CostClass | null {
    return this.#byCost().at(-1) ?? null;
  }

  classOf(stored: StoredKey): CostClass {
    const key = costKey(stored.derivation);
    const known = this.#classes.get(key);
    if (known !== undefined) return known;
    const added = new CostClass(stored);
    if (this.#classes.size >= classesMax) this.#dropCheapest();
    this.#classes.set(key, added);
    return added;
  }

  #dropCheapest(): void {
    const [cheapest] = this.#byCost();
    if (cheapest !== undefined) this.#classes.delete(costKey(cheapest.decoy.derivation));
  }

  /** The cheapest first. What was not measured is judged by how wrong the estimates of others were. */
  #byCost(): CostClass[] {
    const classes = [...this.#classes.values()];
    const measured = classes.filter((one) => one.isMeasured);
    const estimated = sum(measured.map((one) => one.estimatedMicroseconds));
    const scale =
      estimated === 0 ? 1 : sum(measured.map((one) => one.measuredMicroseconds)) / estimated;
    const cost = (one: CostClass): number =>
      one.isMeasured ? one.measuredMicroseconds : one.estimatedMicroseconds * scale;
    return classes.toSorted((one, other) => cost(one) - cost(other));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const ofNobody: StoredKey = Object.freeze({
  kind: 'key',
  derivation: Object.freeze({
    algorithm: 'argon2id',
    cost: defaultCost,
    salt: new Uint8Array(16),
    keyBytes: 32,
  }),
  key: new Uint8Array(32),
});

/** The same text for all that cost the same. */
function costKey(derivation: KeyDerivation): string {
  switch (derivation.algorithm) {
    case 'argon2id':
    case 'argon2i': {
      const { memoryKib, iterations, parallelism } = derivation.cost;
      return [derivation.algorithm, memoryKib, iterations, parallelism].join(' ');
    }
    case 'bcrypt':
      return ['bcrypt', derivation.rounds].join(' ');
    case 'digest':
      return ['digest', derivation.digest].join(' ');
    case 'pbkdf2':
      return ['pbkdf2', derivation.digest, derivation.iterations].join(' ');
    case 'scrypt': {
      const { cost, blockSize, parallelization } = derivation;
      return ['scrypt', cost, blockSize, parallelization].join(' ');
    }
  }
}

/**
 * Roughly, on a core of 2024: only the order matters, and only until each was computed once.
 */
function estimatedMicroseconds(derivation: KeyDerivation): number {
  switch (derivation.algorithm) {
    case 'argon2id':
    case 'argon2i':
      return 0.9 * derivation.cost.memoryKib * derivation.cost.iterations;
    case 'bcrypt':
      return 65 * 2 ** derivation.rounds;
    case 'digest':
      return 1;
    case 'pbkdf2':
      return 0.14 * derivation.iterations;
    case 'scrypt':
      return 0.35 * derivation.cost * derivation.blockSize * derivation.parallelization;
  }
}
