import { ConfigProblems } from '../config/config-problems.ts';
import type { Examined } from '../doctor/examine.ts';

const nameWidth = 13;

/** One line, and three for each finding. */
export function diagnosisText({ check, diagnosis }: Examined): string {
  const name = check.padEnd(nameWidth);
  if (diagnosis.kind === 'nothing') return `${name}  -      ${diagnosis.reason}\n`;
  const { findings, seen } = diagnosis;
  const state = findings.length === 0 ? 'ok' : `${findings.length} !!`;
  const lines = findings.map(
    ({ fault, remedy, subject }) => `  !! ${subject}\n     ${fault}\n     → ${remedy}\n`,
  );
  return `${name}  ${state.padEnd(5)}  ${seen}\n${lines.join('')}`;
}

export function summaryText(all: readonly Examined[]): string {
  const count = countOf(all);
  if (count === 0) return 'Nothing found.\n';
  return count === 1 ? '1 finding.\n' : `${count} findings.\n`;
}

/** A stable form: names of checks and fields are public interface. */
export function reportJson(all: readonly Examined[]): string {
  const checks = all.map(({ check, diagnosis }) =>
    diagnosis.kind === 'nothing'
      ? { check, state: 'nothing', reason: diagnosis.reason, findings: [] }
      : {
          check,
          state: diagnosis.findings.length === 0 ? 'ok' : 'found',
          seen: diagnosis.seen,
          findings: diagnosis.findings,
        },
  );
  return `${JSON.stringify({ sound: countOf(all) === 0, checks }, null, 2)}\n`;
}

/** Of a configuration that cannot be used. */
export function configurationReport(path: string, error: Error): Examined {
  const lines =
    error instanceof ConfigProblems ? error.format().trimEnd().split('\n') : [error.message];
  const findings = lines.map((line) => {
    const text = line.startsWith(`${path}:`) ? line.slice(path.length + 1) : line;
    const at = text.lastIndexOf('; expected ');
    return {
      subject: path,
      fault: at < 0 ? text : text.slice(0, at),
      remedy: at < 0 ? 'correct the file' : text.slice(at + 2),
    };
  });
  return { check: 'configuration', diagnosis: { kind: 'looked', seen: path, findings } };
}

function countOf(all: readonly Examined[]): number {
  return all
    .map(({ diagnosis }) => (diagnosis.kind === 'looked' ? diagnosis.findings.length : 0))
    .reduce((sum, one) => sum + one, 0);
}
