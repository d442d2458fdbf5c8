import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { describeMachine } from './comparison/machine.ts';
import { median, spread } from './comparison/statistics.ts';
import {
  measureSessions,
  type SessionsFigures,
  type SessionsReport,
  stepsOf,
} from './sessions/measure-sessions.ts';

// `npm run bench:sessions`: what very many sessions cost in memory, and what they cost each request.

const help = `usage: npm run bench:sessions -- [options]

Gateways with 1,000, 10,000, … sessions of distinct users in their caches, each brought in by a
request: the heap that each session holds after a collection, and the CPU time of a proxied request
over random ones of them, in paired rounds.

  --sessions N      the most (1000..10000000, default 1000000)
  --rounds N        paired rounds (1..1000, default 9)
  --seconds N       of every measurement (1..600, default 2)
  --snapshot FILE   writes the heap of the largest (some gigabytes)
  --json FILE       writes the figures, with commit, processor and versions
  --strict          exit code 1 for a missed target
  --help            this text

The default takes about four minutes, 3 GB of memory and 1 GB in the folder for temporary files.
`;

const least = 1_000;
const heapBytesMax = 700;
const ratioMax = 1.25;

/** 1,000, 10,000 and so on, up to and with the most. */
function sizesUpTo(most: number): number[] {
  const sizes: number[] = [];
  for (let size = least; size < most; size *= 10) sizes.push(size);
  return [...sizes, most];
}

interface Verdict {
  readonly isMet: boolean;
  readonly line: string;
}

function verdict(isMet: boolean, text: string): Verdict {
  return { isMet, line: `  ${isMet ? 'met   ' : 'MISSED'} ${text}` };
}

/** The largest against the smallest. */
function judge({ figures }: SessionsReport): Verdict[] {
  const [first, last] = [figures[0], figures.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const ratios = last.cpuMicrosPerRequest.map(
    (micros, round) => micros / (first.cpuMicrosPerRequest[round] ?? NaN),
  );
  const [low, high] = spread(ratios);
  const ratio = median(ratios);
  const held = last.heapBytesEach + last.externalBytesEach;
  const counts = figures.map(({ storeCalls }) => storeCalls);
  const calls = counts.every((count) => count === 0) ? 0 : counts.join(', ');
  return [
    verdict(
      held <= heapBytesMax,
      `memory of a session, of ${last.sessions}: ${held.toFixed(0)} bytes, at most ${heapBytesMax}`,
    ),
    verdict(
      ratio <= ratioMax,
      `CPU time of a request, ${last.sessions} ÷ ${first.sessions} sessions: ` +
        `${ratio.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}), at most ${ratioMax}`,
    ),
    verdict(calls === 0, `store calls that cache hits caused: ${String(calls)}, at most 0`),
  ];
}

function line({
  cpuMicrosPerRequest,
  externalBytesEach,
  heapBytesEach,
  sessions,
}: SessionsFigures) {
  const [low, high] = spread(cpuMicrosPerRequest);
  const bytes = Number.isNaN(heapBytesEach)
    ? ''
    : `${heapBytesEach.toFixed(0)} bytes each on the heap, ${externalBytesEach.toFixed(0)} beside it`;
  const cpu = `${median(cpuMicrosPerRequest).toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;
  return `${String(sessions).padStart(9)} sessions: CPU ${cpu} µs a request   ${bytes}`.trimEnd();
}

interface Plan {
  readonly sessions: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly snapshotPath: string | null;
  readonly jsonPath: string | null;
  readonly isStrict: boolean;
}

async function bench(plan: Plan, directory: string, signal: AbortSignal): Promise<number> {
  const { rounds, seconds, snapshotPath } = plan;
  const sizes = sizesUpTo(plan.sessions);
  const progress = new Progress(stepsOf(sizes, rounds));
  const options = { sizes, rounds, seconds, directory, snapshotPath, progress, signal };
  const report = await measureSessions(options);
  const machine = describeMachine();
  const verdicts = judge(report);
  process.stdout.write(
    [
      '',
      ...report.figures.map(line),
      '',
      ...verdicts.map((one) => one.line),
      '',
      `${machine.cpu}, ${machine.kernel}, node ${machine.node}; ${report.cores.explanation}`,
      `${rounds} rounds of ${seconds} s, 64 connections, sessions in a file`,
      '',
    ].join('\n'),
  );
  if (plan.jsonPath !== null) {
    const results = { format: 1, machine, plan, ...report, verdicts };
    writeFileSync(plan.jsonPath, `${JSON.stringify(results, null, 2)}\n`);
  }
  return plan.isStrict && !verdicts.every(({ isMet }) => isMet) ? 1 : 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      sessions: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '2' },
      snapshot: { type: 'string' },
      json: { type: 'string' },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (!existsSync('/proc/self/stat')) {
    throw new Error('CPU time is read from /proc, so this measurement needs Linux');
  }
  const plan: Plan = {
    sessions: wholeNumber('sessions', values.sessions, { least, most: 10_000_000 }),
    rounds: wholeNumber('rounds', values.rounds, { least: 1, most: 1000 }),
    seconds: wholeNumber('seconds', values.seconds, { least: 1, most: 600 }),
    snapshotPath: values.snapshot ?? null,
    jsonPath: values.json ?? null,
    isStrict: values.strict,
  };
  return await inTemporaryFolder('sessions', (directory, signal) => bench(plan, directory, signal));
}

process.exitCode = await runCommand(main, help);
