import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { describeMachine } from './comparison/machine.ts';
import { spreadOf, type Spread } from './revocation/revocation-spreads.ts';
import { blockUnderLoad, progressSteps } from './zones/block-under-load.ts';

// `npm run bench:zones`: how soon a token that is blocked at one node is refused at the other.

const help = `usage: npm run bench:zones -- [options]

Two nodes of two workers on one Redis, under a load of other people. Again and
again a token is blocked at one node (PATCH "0") while the other is asked for
its key without pause; after the 204 nobody may be let in.

  --blocks N       tokens that are blocked (default 2000)
  --rate N         of them a second (default 50)
  --requests N     of other people, a second (default 2000)
  --json FILE      writes the figures, with commit, processor and versions
  --strict         exit code 1 also for a missed target, not only for somebody
                   who was let in
  --help           this text

Needs redis-server.
`;

const p50MsMax = 3;
const p99MsMax = 25;

function line(title: string, { count, max, p50, p99 }: Spread): string {
  const [first, second, last] = [p50, p99, max].map((ms) => `${ms.toFixed(2).padStart(8)} ms`);
  return `${title.padEnd(42)} p50 ${first}   p99 ${second}   max ${last}   (${count})\n`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      blocks: { type: 'string', default: '2000' },
      rate: { type: 'string', default: '50' },
      requests: { type: 'string', default: '2000' },
      json: { type: 'string' },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const plan = {
    blocks: wholeNumber('blocks', values.blocks, { least: 1, most: 1_000_000 }),
    perSecond: wholeNumber('rate', values.rate, { least: 1, most: 10_000 }),
    requestsPerSecond: wholeNumber('requests', values.requests, { least: 1, most: 100_000 }),
  };
  return await inTemporaryFolder('zones', async (directory, signal) => {
    const progress = new Progress(progressSteps);
    const report = await blockUnderLoad({ ...plan, directory, progress, signal });
    progress.end();
    const { background, stale } = report;
    const [refusedMs, answeredMs] = [spreadOf(report.refusedMs), spreadOf(report.answeredMs)];
    const isMet = refusedMs.p50 <= p50MsMax && refusedMs.p99 <= p99MsMax;
    process.stdout.write(
      line('PATCH sent → refused at the other node', refusedMs) +
        line('PATCH sent → its 204', answeredMs) +
        `other people's answers: ${JSON.stringify(background.statuses)}, p99 ${background.p99Ms.toFixed(2)} ms\n` +
        `let in after the 204: ${stale}\n` +
        `  ${isMet ? 'met   ' : 'MISSED'} p50 at most ${p50MsMax} ms, p99 at most ${p99MsMax} ms\n`,
    );
    if (values.json !== undefined) {
      const machine = describeMachine();
      const figures = { refusedMs, answeredMs, stale, background };
      writeFileSync(
        values.json,
        `${JSON.stringify({ format: 1, machine, plan, figures }, null, 2)}\n`,
      );
    }
    return stale > 0 || (values.strict && !isMet) ? 1 : 0;
  });
}

process.exitCode = await runCommand(main, help);
