import type { AnswerScript, FuzzCase } from './cases/fuzz-case.ts';
import type { CaseRecord, Finding } from './judging/case-record.ts';
import type { Ledger, SeenRequest } from './upstream/upstream-link.ts';

/** The cases that are under way, and what upstreams tell of them. */
export class Docket implements Ledger {
  readonly findings: Finding[] = [];
  #records = new Map<number, CaseRecord>();

  open(one: FuzzCase): CaseRecord {
    const record: CaseRecord = {
      case: one,
      seen: [],
      received: { text: '', end: 'unconnected' },
      lines: [],
    };
    this.#records.set(one.index, record);
    return record;
  }

  /** What there is, in the order in which it was opened; the next call begins anew. */
  takeAll(): CaseRecord[] {
    const records = [...this.#records.values()];
    this.#records = new Map();
    return records;
  }

  script(index: number, seen: SeenRequest): AnswerScript | null {
    const record = this.#records.get(index);
    if (record === undefined) return null;
    const { answers } = record.case;
    const script = answers[Math.min(record.seen.length, answers.length - 1)];
    record.seen.push(seen);
    return script ?? null;
  }

  complain(index: number, problem: string, record: CaseRecord | null = null): void {
    this.findings.push({ index, problem, record });
  }
}
