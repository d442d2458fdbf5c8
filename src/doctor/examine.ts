import { settleWithin } from '../lib/settle-within.ts';
import type { Check, Diagnosis, Patient } from './check.ts';

/** More than any server takes that is there at all. */
const checkMs = 60_000;

export interface Examined {
  readonly check: string;
  readonly diagnosis: Diagnosis;
}

/** One check after the other; each is told of before and after. One that fails is a finding, not the end of the others. */
export async function* examine(
  checks: readonly Check[],
  patient: Patient,
  begin: (check: string, index: number) => void,
): AsyncGenerator<Examined> {
  for (const [index, { examine: look, name }] of checks.entries()) {
    begin(name, index);
    let diagnosis: Diagnosis;
    try {
      diagnosis = await settleWithin(Promise.resolve(look(patient)), checkMs);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      diagnosis = {
        kind: 'looked',
        seen: '',
        findings: [
          { subject: name, fault: `could not be looked at (${text})`, remedy: 'try it again' },
        ],
      };
    }
    yield { check: name, diagnosis };
  }
}
