import { parseArgs } from 'node:util';
import { runCommand } from './command/run-command.ts';
import { UsageError } from './command/usage-error.ts';
import { tableLines } from './comparison/report.ts';
import { type Change, changesBetween } from './difference/changes-between.ts';
import { machineDifferences } from './difference/machine-differences.ts';
import { readResult } from './readme/latest-result.ts';
import { figureText } from './report/figure-text.ts';

// `npm run bench:compare`: what is different in the second of two results.

const help = `usage: npm run bench:compare -- BEFORE.json AFTER.json

Says what changed between two results of \`npm run bench -- --json FILE\`, beyond the noise: the
medians of the rounds differ by more than 5 %, and by more than three times the median of how far
the rounds of both lie from their own median. Results of different machines are refused.

  --help            this text

Exit codes: 0 nothing got worse, 1 something did, 2 they cannot be compared, or wrong use.
`;

const names = {
  cpuMicrosPerRequest: 'CPU µs per request',
  requestsPerSecond: 'requests per second',
  p99Ms: 'p99 ms',
  rssMiB: 'resident MiB',
};

function lineOf(change: Change): readonly string[] {
  const { after, before, contender, figure, isWorse, noise, scenario, share } = change;
  const sign = share > 0 ? '+' : '';
  return [
    isWorse ? 'worse' : 'better',
    scenario,
    contender,
    names[figure],
    `${figureText(before)} → ${figureText(after)}`,
    `${sign}${(share * 100).toFixed(1)} %`,
    `noise ${figureText(noise)}`,
  ];
}

function main(): number {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [one, other, ...more] = positionals;
  if (one === undefined || other === undefined || more.length > 0) {
    throw new UsageError('two files, please');
  }
  const [before, after] = [readResult(one), readResult(other)];
  const differences = machineDifferences(before, after);
  if (differences.length > 0) {
    const lines = differences.map((text) => `  ${text}\n`).join('');
    process.stderr.write(`these were not measured on one machine in one way:\n${lines}`);
    return 2;
  }
  const changes = changesBetween(before, after);
  const text =
    changes.length === 0
      ? 'nothing changed beyond the noise'
      : tableLines(changes.map(lineOf)).join('\n');
  process.stdout.write(`${before.commit.slice(0, 12)} → ${after.commit.slice(0, 12)}\n${text}\n`);
  return changes.some(({ isWorse }) => isWorse) ? 1 : 0;
}

process.exitCode = await runCommand(async () => await Promise.resolve(main()), help);
