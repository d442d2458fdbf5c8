import type { FuzzCase } from './cases/fuzz-case.ts';
import type { CaseRecord } from './judging/case-record.ts';

const count = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};

/** How often what occurred. */
export class Tally {
  cases = 0;
  forwarded = 0;
  accepted = 0;
  /** By lane. */
  readonly lanes = new Map<string, number>();
  readonly refusals = new Map<string, number>();
  readonly outcomes = new Map<string, number>();
  readonly statuses = new Map<string, number>();
  /** How the gateway left clients. */
  readonly clientEnds = new Map<string, number>();

  add({ case: one, lines, received, seen }: CaseRecord): void {
    this.cases++;
    this.forwarded += seen.length;
    count(this.lanes, laneOf(one));
    count(this.clientEnds, `${laneOf(one)} ${received.end}`);
    for (const { outcome, status } of lines) {
      if (outcome.startsWith('refused:')) count(this.refusals, outcome.slice('refused:'.length));
      else this.accepted++;
      count(this.outcomes, outcome.startsWith('refused:') ? 'refused' : outcome);
      count(this.statuses, String(status));
    }
  }
}

function laneOf({ door, kind }: FuzzCase): string {
  return kind === 'http1' && door === 'secure' ? 'tls' : kind;
}
