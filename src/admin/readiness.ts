import type { Phase } from '../lifecycle/phase.ts';

/** Something without which traffic cannot be served. */
export interface ReadinessCheck {
  readonly name: string;
  isOk(): boolean;
  /** False: it is told, and traffic comes all the same. */
  readonly isVital?: boolean;
  /** A word for how it is, in place of `ok` or `failed`. */
  state?(): string;
}

/** What `/readyz` says: `checks` has the phase, and `ok` or `failed` for each check. */
export interface ReadinessReport {
  readonly isReady: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

/** Whether this process may be sent traffic: it is in the phase for that, and nothing it needs is out. */
export class Readiness {
  readonly #lifecycle: { readonly phase: Phase };
  readonly #checks: readonly ReadinessCheck[];

  constructor(lifecycle: { readonly phase: Phase }, checks: readonly ReadinessCheck[] = []) {
    this.#lifecycle = lifecycle;
    this.#checks = checks;
  }

  report(): ReadinessReport {
    const { phase } = this.#lifecycle;
    const states = this.#checks.map((check) => {
      const isOk = check.isOk();
      const word = check.state?.() ?? (isOk ? 'ok' : 'failed');
      return { said: [check.name, word] as const, isFatal: !isOk && check.isVital !== false };
    });
    return {
      isReady: phase === 'ready' && !states.some(({ isFatal }) => isFatal),
      checks: { phase, ...Object.fromEntries(states.map(({ said }) => said)) },
    };
  }
}
