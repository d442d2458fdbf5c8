/**
 * Where a gateway is in its life, and where it may go from there.
 *
 *   starting ──► ready ──► draining ──► stopped
 *      └────────────────────────────────────▲     a start that failed
 */
const moves = {
  /** Opens what it needs; takes no traffic. */
  starting: ['ready', 'stopped'],
  /** Takes traffic. */
  ready: ['draining'],
  /** Takes nothing new and finishes what it has. */
  draining: ['stopped'],
  /** Holds nothing any more. */
  stopped: [],
} as const;

export type Phase = keyof typeof moves;

/** The one place that knows the phase. A move that is not in the table is a defect and throws. */
export class Lifecycle {
  #phase: Phase = 'starting';
  readonly #onChange: (phase: Phase) => void;

  /** `onChange` hears of every move, after it. */
  constructor(onChange: (phase: Phase) => void = () => {}) {
    this.#onChange = onChange;
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(next: Phase): void {
    const allowed: readonly Phase[] = moves[this.#phase];
    if (!allowed.includes(next)) throw new Error(`no way from ${this.#phase} to ${next}`);
    this.#phase = next;
    this.#onChange(next);
  }
}
