import { ensureCommands } from '../test/support/ensure-commands.ts';
import { modelChecks } from './checks.ts';
import { checkModel } from './model-checker.ts';

/** Checks the model and its mutants and prints a table; exits with 1 where something is not as it should be. */
const timeoutMs = 30 * 60_000;

ensureCommands({ spin: 'spin', gcc: 'gcc' }, { 'libc6-dev': 'test -e /usr/include/stdio.h' });
const isShortOnly = process.argv.includes('--short');
let faults = 0;
process.stdout.write(row(['what', 'wanted', 'found', 'states', 'seconds', 'MB']));
for (const check of modelChecks) {
  if (isShortOnly && !check.isShort) continue;
  const result = await checkModel(check, timeoutMs);
  const isRight = result.verdict === check.expected;
  if (!isRight) faults += 1;
  const { detail, megabytes, seconds, states, verdict } = result;
  process.stdout.write(
    row([
      check.title,
      check.expected,
      isRight ? verdict : `${verdict} (!)`,
      states.toLocaleString('en'),
      seconds.toFixed(1),
      megabytes.toFixed(0),
    ]),
  );
  process.stdout.write(detail);
}
process.stdout.write(faults === 0 ? 'All as it should be.\n' : `${String(faults)} are not.\n`);
process.exitCode = faults === 0 ? 0 : 1;

function row([first = '', ...rest]: readonly string[]): string {
  return `${first.padEnd(48)}${rest.map((cell) => cell.padStart(14)).join('')}\n`;
}
