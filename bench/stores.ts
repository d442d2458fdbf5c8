import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { checkTimedRequest } from './comparison/answer-check.ts';
import { describeMachine } from './comparison/machine.ts';
import { renderReport } from './comparison/report.ts';
import { type Problems, runRounds, type Samples } from './comparison/rounds.ts';
import { judge, type Target } from './comparison/targets.ts';
import { StoresStage } from './stores/stores-stage.ts';

// `npm run bench:stores`: what it costs to have the sessions in Redis.

const help = `usage: npm run bench:stores -- [options]

CPU time per request of a gateway with its sessions in Redis, under a lease, beside one with its
sessions in memory: paired rounds, the same load. Counts what each asks its store meanwhile, and
what an idle worker asks Redis.

  --rounds N        paired rounds (1..1000, default 9)
  --seconds N       of every measurement (1..600, default 4)
  --connections N   kept-alive client connections (1..4096, default 64)
  --sessions N      logged-in sessions (1..2000, default 1000)
  --idle N          seconds for which the idle worker is watched (1..600, default 10)
  --json FILE       writes all samples, with commit, processor and versions
  --strict          exit code 1 also for a missed target, not only for a wrong answer
  --help            this text

Needs redis-server.
`;

const target: Target = {
  title: 'sessions in Redis under a lease ÷ sessions in memory',
  of: 'redis-store',
  over: 'memory-store',
  atMost: 1.05,
};
const idleCallsMax = 10;

interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly sessions: number;
  readonly idleSeconds: number;
  readonly jsonPath: string | null;
  readonly isStrict: boolean;
}

/** Of both, in all rounds; null where nobody counts. */
function callsOf(samples: Samples): number | null {
  const counts = [...samples.values()].flat().map(({ storeCalls }) => storeCalls);
  return counts.reduce<number | null>(
    (sum, count) => (sum === null || count === null ? null : sum + count),
    counts.length === 0 ? null : 0,
  );
}

function verdict(isMet: boolean, title: string, value: string, most: number): string {
  return `  ${isMet ? 'met   ' : 'MISSED'} ${title}: ${value}, at most ${most}\n`;
}

async function bench(plan: Plan, directory: string, signal: AbortSignal): Promise<number> {
  const { connections, idleSeconds, rounds, seconds, sessions } = plan;
  await using stage = await StoresStage.set({ directory, sessions, signal });
  const { contenders, load, redis } = stage;
  const problems: Problems = new Map();
  for (const contender of contenders) {
    const found = await checkTimedRequest(contender);
    if (found.length > 0) problems.set(contender.id, found);
  }
  const progress = new Progress(1 + contenders.length * (rounds + 1));
  progress.step(`an idle worker, for ${idleSeconds} s`);
  const idleCalls = (await redis.commandsWithin(idleSeconds * 1_000, signal)) / idleSeconds;
  const shared = { load, connections, progress, signal };
  const warm = { rounds: 1, label: 'warm-up', warmUpSeconds: 0, seconds: 3 };
  await runRounds(contenders, problems, { ...shared, ...warm });
  const timed = { rounds, label: 'round', warmUpSeconds: 1, seconds };
  const samples = await runRounds(contenders, problems, { ...shared, ...timed });
  progress.end();
  const result = judge(target, samples);
  const calls = callsOf(samples);
  const machine = describeMachine();
  const notes = [
    `${machine.cpu}, ${machine.kernel}, node ${machine.node}; ${stage.cores.explanation}`,
    `${rounds} rounds of ${seconds} s, ${connections} connections, ${sessions} sessions`,
  ];
  const idleTitle = 'commands a second that an idle worker sends to Redis';
  process.stdout.write(
    renderReport({ contenders, samples, problems, targets: [result], notes }) +
      verdict(calls === 0, 'store calls that cache hits caused', String(calls ?? '?'), 0) +
      verdict(idleCalls <= idleCallsMax, idleTitle, idleCalls.toFixed(1), idleCallsMax),
  );
  const isMet = result.isMet && calls === 0 && idleCalls <= idleCallsMax;
  if (plan.jsonPath !== null) {
    const all = { samples: Object.fromEntries(samples), target: result, calls, idleCalls, isMet };
    const results = { format: 1, machine, plan, ...all, problems: Object.fromEntries(problems) };
    writeFileSync(plan.jsonPath, `${JSON.stringify(results, null, 2)}\n`);
  }
  return problems.size > 0 || (plan.isStrict && !isMet) ? 1 : 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '64' },
      sessions: { type: 'string', default: '1000' },
      idle: { type: 'string', default: '10' },
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
    rounds: wholeNumber('rounds', values.rounds, { least: 1, most: 1000 }),
    seconds: wholeNumber('seconds', values.seconds, { least: 1, most: 600 }),
    connections: wholeNumber('connections', values.connections, { least: 1, most: 4096 }),
    sessions: wholeNumber('sessions', values.sessions, { least: 1, most: 2000 }),
    idleSeconds: wholeNumber('idle', values.idle, { least: 1, most: 600 }),
    jsonPath: values.json ?? null,
    isStrict: values.strict,
  };
  return await inTemporaryFolder('stores', (directory, signal) => bench(plan, directory, signal));
}

process.exitCode = await runCommand(main, help);
