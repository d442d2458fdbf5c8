import type { ReadinessReport } from '../admin/readiness.ts';
import type { Crew } from '../lifecycle/crew.ts';
import type { Lifecycle } from '../lifecycle/phase.ts';

const ANSWER_MS = 1_000;

/** Whether the workers may be sent traffic. All of them take it: what one cannot do keeps all from being ready. */
export class CrewReadiness {
  readonly #lifecycle: Lifecycle;
  readonly #crew: Crew;
  readonly #isConfigTaken: () => boolean;

  /** `isConfigTaken`: the file is what runs, as far as it was looked at. */
  constructor(lifecycle: Lifecycle, crew: Crew, isConfigTaken: () => boolean) {
    this.#lifecycle = lifecycle;
    this.#crew = crew;
    this.#isConfigTaken = isConfigTaken;
  }

  async report(): Promise<ReadinessReport> {
    const { phase } = this.#lifecycle;
    const asked = this.#crew.serving.map(({ link }) => link.ask('readiness', null, ANSWER_MS));
    const reports = (await Promise.all(asked)).filter(isReport);
    const checks: Record<string, string> = {
      phase,
      workers: `${reports.length}/${this.#crew.size}`,
      // What runs is good: no reason to be sent no traffic.
      configuration: this.#isConfigTaken() ? 'ok' : 'refused',
    };
    // What one of them lacks is what is shown.
    const worstLast = reports.toSorted((a, b) => Number(b.isReady) - Number(a.isReady));
    for (const [name, state] of worstLast.flatMap((report) => Object.entries(report.checks))) {
      if (name !== 'phase') checks[name] = state;
    }
    const isReady =
      phase === 'ready' && reports.length > 0 && reports.every((report) => report.isReady);
    return { isReady, checks };
  }
}

function isReport(answer: unknown): answer is ReadinessReport {
  return typeof answer === 'object' && answer !== null && 'isReady' in answer;
}
