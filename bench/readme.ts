import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from './command/run-command.ts';
import { UsageError } from './command/usage-error.ts';
import { latestResultPath, readResult } from './readme/latest-result.ts';
import { readmeBlock, withBlock } from './readme/readme-block.ts';
import { readmeChart } from './readme/readme-chart.ts';

// `npm run bench:readme`: the figures of README.md out of a result.

const help = `usage: npm run bench:readme -- [FILE.json]

Writes the table of README.md and docs/bench.svg out of what \`npm run bench -- --json FILE\` wrote.
Default: the newest of bench/results.

  --help            this text
`;

const root = join(import.meta.dirname, '..');

function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(help);
    return Promise.resolve(0);
  }
  if (positionals.length > 1) throw new UsageError('one file, or none');
  const path = positionals[0] ?? latestResultPath();
  const result = readResult(path);
  const readmePath = join(root, 'README.md');
  writeFileSync(readmePath, withBlock(readFileSync(readmePath, 'utf8'), readmeBlock(result)));
  writeFileSync(join(root, 'docs/bench.svg'), readmeChart(result));
  process.stdout.write(`README.md and docs/bench.svg are of ${path}\n`);
  return Promise.resolve(0);
}

process.exitCode = await runCommand(async () => await main(), help);
