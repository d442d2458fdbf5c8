import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { describeMachine } from './comparison/machine.ts';
import {
  type RevocationFigures,
  revocationFigures,
  type Spread,
} from './revocation/revocation-figures.ts';
import { progressSteps, revokeUnderLoad } from './revocation/revoke-under-load.ts';

// `npm run bench:revocation`: how soon the end of a session is known everywhere, under load.

const help = `usage: npm run bench:revocation -- [options]

Two nodes of several workers each on one Redis, at the setting for development, under a steady load.
Again and again somebody logs in, uses the session at every worker of both nodes, and logs out; when
the logout has answered, every worker is asked again: none may accept. Measures from sending the
commit to the last worker's acknowledgement, and beside it, at the same time, a bare Redis message
to as many subscribers and back.

  --revocations N   sessions that are ended (default 100000)
  --rate N          of them a second (default 100)
  --requests N      a second in all, over both nodes (default 5000)
  --workers N       of each node (default 4)
  --at-once N       revocations under way at most (default 16)
  --json FILE       writes the figures, with commit, processor and versions
  --strict          exit code 1 also for a missed target, not only for a stale accept
  --help            this text

The default takes about seventeen minutes. Needs redis-server.
`;

const p50MsMax = 3;
const p99MsMax = 25;

function spreadLine(title: string, { count, max, p50, p99 }: Spread): string {
  const [first, second, last] = [p50, p99, max].map((ms) => `${ms.toFixed(2).padStart(8)} ms`);
  return `${title.padEnd(46)} p50 ${first}   p99 ${second}   max ${last}   (${count})`;
}

function verdict(isMet: boolean, text: string): string {
  return `  ${isMet ? 'met   ' : 'MISSED'} ${text}`;
}

/** Nobody was accepted who may not be, and nobody refused who may: 503 is neither. */
function isClean({ background, revocations, stale }: RevocationFigures): boolean {
  const statuses = Object.keys(background.statuses);
  return stale === 0 && revocations > 0 && statuses.every((one) => one === '200' || one === '503');
}

function render(figures: RevocationFigures): string {
  const { bareMs, checks, seconds, sinceAnsweredMs, sinceSentMs, stale } = figures;
  const { background, outages, requestsPerSecond, revocations, unacknowledged } = figures;
  const statuses = JSON.stringify(background.statuses);
  return [
    '',
    `${revocations} sessions ended in ${seconds.toFixed(0)} s, under ${requestsPerSecond.toFixed(0)} requests a second in all;`,
    `other people's answers: ${statuses}, p50 ${background.p50Ms.toFixed(2)} ms, p99 ${background.p99Ms.toFixed(2)} ms`,
    '',
    spreadLine('commit sent → last acknowledgement', sinceSentMs),
    spreadLine('commit answered → last acknowledgement', sinceAnsweredMs),
    spreadLine('a bare Redis message to as many, and back', bareMs),
    '',
    verdict(
      sinceSentMs.p50 <= p50MsMax,
      `p50 ${sinceSentMs.p50.toFixed(2)} ms, at most ${p50MsMax}`,
    ),
    verdict(
      sinceSentMs.p99 <= p99MsMax,
      `p99 ${sinceSentMs.p99.toFixed(2)} ms, at most ${p99MsMax}`,
    ),
    verdict(
      stale === 0,
      `stale accepts: ${stale} of ${checks} checks, each at a worker after the logout had answered`,
    ),
    verdict(unacknowledged === 0, `workers that did not acknowledge in time: ${unacknowledged}`),
    `  ${outages} times it was answered 503, and asked again`,
    '',
  ].join('\n');
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      revocations: { type: 'string', default: '100000' },
      rate: { type: 'string', default: '100' },
      requests: { type: 'string', default: '5000' },
      workers: { type: 'string', default: '4' },
      'at-once': { type: 'string', default: '16' },
      json: { type: 'string' },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (!existsSync('/proc/net/tcp')) {
    throw new Error('which worker has which connection is read from /proc: this needs Linux');
  }
  const plan = {
    revocations: wholeNumber('revocations', values.revocations, { least: 1, most: 10_000_000 }),
    revocationsPerSecond: wholeNumber('rate', values.rate, { least: 1, most: 10_000 }),
    requestsPerSecond: wholeNumber('requests', values.requests, { least: 1, most: 100_000 }),
    workers: wholeNumber('workers', values.workers, { least: 2, most: 64 }),
    atOnce: wholeNumber('at-once', values['at-once'], { least: 1, most: 256 }),
  };
  return await inTemporaryFolder('revocation', async (directory, signal) => {
    const progress = new Progress(progressSteps);
    const figures = revocationFigures(
      await revokeUnderLoad({ ...plan, directory, progress, signal }),
    );
    progress.end();
    const machine = describeMachine();
    const notes = `${machine.cpu}, ${machine.cores} cores for everything, ${machine.kernel}, node ${machine.node}\n`;
    process.stdout.write(render(figures) + notes);
    if (values.json !== undefined) {
      const results = { format: 1, machine, plan, figures };
      writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
    }
    const { sinceSentMs, unacknowledged } = figures;
    const isMet =
      sinceSentMs.p50 <= p50MsMax && sinceSentMs.p99 <= p99MsMax && unacknowledged === 0;
    return !isClean(figures) || (values.strict && !isMet) ? 1 : 0;
  });
}

process.exitCode = await runCommand(main, help);
