import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { describeMachine } from './comparison/machine.ts';
import {
  progressSteps,
  revokeUnderLoad,
  type RevocationFigures,
  type RevocationReport,
} from './revocation/revoke-under-load.ts';

// `npm run bench:revocation`: how soon the end of a session is known everywhere, under load.

const help = `usage: npm run bench:revocation -- [options]

Two nodes of several workers each on one Redis, at the setting for development, under a steady load.
Again and again somebody logs in, uses the session at every worker of both nodes, and logs out; when
the logout has answered, every worker is asked again: none may accept. Measures from sending the
commit to the last worker's acknowledgement, and beside it, at the same time, a bare Redis message
to as many subscribers and back. First at an even pace that leaves the machine time, for the
figures; then as many as are wanted in all at a pace that does not, for who is let in wrongly.

  --revocations N   sessions that are ended in all (default 100000)
  --rate N          of them a second (default 150)
  --measured N      of them before, at the pace of the figures (default 3000)
  --measured-rate N of those a second (default 20)
  --requests N      a second in all, over both nodes (default 5000)
  --workers N       of each node (default 4)
  --at-once N       revocations under way at most (default 16)
  --json FILE       writes the figures, with commit, processor and versions
  --strict          exit code 1 also for a missed target, not only for a stale accept
  --help            this text

The default takes about fourteen minutes. Needs redis-server.
`;

const p50MsMax = 3;
const p99MsMax = 25;

interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).toSorted();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

function spreadLine(title: string, { count, max, p50, p99 }: Spread): string {
  const [first, second, last] = [p50, p99, max].map((ms) => `${ms.toFixed(2).padStart(8)} ms`);
  return `${title.padEnd(46)} p50 ${first}   p99 ${second}   max ${last}   (${count})`;
}

function verdict(isMet: boolean, text: string): string {
  return `  ${isMet ? 'met   ' : 'MISSED'} ${text}`;
}

function spreadsOf({ pace, seconds, tally, ...times }: RevocationFigures) {
  return {
    ...{ pace, seconds, ...tally },
    sinceSentMs: spreadOf(times.sinceSentMs),
    sinceAnsweredMs: spreadOf(times.sinceAnsweredMs),
    bareMs: spreadOf(times.bareMs),
  };
}

function figuresOf({ background, figures, unacknowledged }: RevocationReport) {
  const paces = figures.map(spreadsOf);
  const sum = (of: (one: (typeof paces)[number]) => number): number =>
    paces.reduce((total, one) => total + of(one), 0);
  const requests = sum((one) => one.requests) + background.requests;
  return {
    paces,
    background,
    unacknowledged,
    revocations: sum((one) => one.revocations),
    checks: sum((one) => one.checks),
    stale: sum((one) => one.stale),
    outages: sum((one) => one.outages),
    requestsPerSecond: requests / sum((one) => one.seconds),
  };
}

type Figures = ReturnType<typeof figuresOf>;

/** Nobody was accepted who may not be, and nobody refused who may: 503 is neither. */
function isClean({ background, revocations, stale }: Figures): boolean {
  const statuses = Object.keys(background.statuses);
  return stale === 0 && revocations > 0 && statuses.every((one) => one === '200' || one === '503');
}

function paceLines({ pace, revocations, seconds, ...times }: Figures['paces'][number]): string[] {
  return [
    '',
    `${revocations} sessions ended in ${seconds.toFixed(0)} s, ${pace.perSecond} a second wanted`,
    spreadLine('commit sent → last acknowledgement', times.sinceSentMs),
    spreadLine('commit answered → last acknowledgement', times.sinceAnsweredMs),
    spreadLine('a bare Redis message to as many, and back', times.bareMs),
  ];
}

/** The targets are of the first pace. */
function isSoonEnough({ paces: [measured] }: Figures): readonly [p50: boolean, p99: boolean] {
  const { p50 = NaN, p99 = NaN } = measured?.sinceSentMs ?? {};
  return [p50 <= p50MsMax, p99 <= p99MsMax];
}

function render(figures: Figures): string {
  const { background, checks, outages, paces, requestsPerSecond, stale, unacknowledged } = figures;
  const { p50 = NaN, p99 = NaN } = paces[0]?.sinceSentMs ?? {};
  const [isP50Met, isP99Met] = isSoonEnough(figures);
  return [
    '',
    `under ${requestsPerSecond.toFixed(0)} requests a second in all; other people's answers: ` +
      `${JSON.stringify(background.statuses)}, p50 ${background.p50Ms.toFixed(2)} ms, p99 ${background.p99Ms.toFixed(2)} ms`,
    ...paces.flatMap(paceLines),
    '',
    verdict(isP50Met, `p50 ${p50.toFixed(2)} ms, at most ${p50MsMax}`),
    verdict(isP99Met, `p99 ${p99.toFixed(2)} ms, at most ${p99MsMax}`),
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
      rate: { type: 'string', default: '150' },
      measured: { type: 'string', default: '3000' },
      'measured-rate': { type: 'string', default: '20' },
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
  const rates = { least: 1, most: 10_000 };
  const all = wholeNumber('revocations', values.revocations, { least: 1, most: 10_000_000 });
  const measured = Math.min(all, wholeNumber('measured', values.measured, { least: 1, most: all }));
  const rest = { revocations: all - measured, perSecond: wholeNumber('rate', values.rate, rates) };
  const plan = {
    paces: [
      {
        revocations: measured,
        perSecond: wholeNumber('measured-rate', values['measured-rate'], rates),
      },
      ...(rest.revocations > 0 ? [rest] : []),
    ],
    requestsPerSecond: wholeNumber('requests', values.requests, { least: 1, most: 100_000 }),
    workers: wholeNumber('workers', values.workers, { least: 2, most: 64 }),
    atOnce: wholeNumber('at-once', values['at-once'], { least: 1, most: 256 }),
  };
  return await inTemporaryFolder('revocation', async (directory, signal) => {
    const progress = new Progress(progressSteps * plan.paces.length);
    const figures = figuresOf(await revokeUnderLoad({ ...plan, directory, progress, signal }));
    progress.end();
    const machine = describeMachine();
    const notes = `${machine.cpu}, ${machine.cores} cores for everything, ${machine.kernel}, node ${machine.node}\n`;
    process.stdout.write(render(figures) + notes);
    if (values.json !== undefined) {
      const results = { format: 2, machine, plan, figures };
      writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
    }
    const isMet = isSoonEnough(figures).every((one) => one) && figures.unacknowledged === 0;
    return !isClean(figures) || (values.strict && !isMet) ? 1 : 0;
  });
}

process.exitCode = await runCommand(main, help);
