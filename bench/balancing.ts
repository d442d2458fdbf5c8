import { parseArgs } from 'node:util';
import { BalancingStage } from './balancing/balancing-stage.ts';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { checkTimedRequest } from './comparison/answer-check.ts';
import { describeMachine } from './comparison/machine.ts';
import { renderReport } from './comparison/report.ts';
import { type Problems, runRounds } from './comparison/rounds.ts';
import { judge, type Target } from './comparison/targets.ts';

// `npm run bench:balancing`: what balancing costs.

const help = `usage: npm run bench:balancing -- [options]

CPU time per request with a group of eight servers, health checks, a breaker and a rate limit that is
shared through Redis, beside one bare server: paired rounds, the same load, sessions checked in both.
Needs Debian's redis-server.

  --rounds N        paired rounds (1..1000, default 9)
  --seconds N       of every measurement (1..600, default 4)
  --connections N   kept-alive client connections (1..4096, default 64)
  --sessions N      logged-in sessions (1..2000, default 1000)
  --balance NAME    the policy of the group (default roundRobin)
  --strict          exit code 1 also for a missed target
  --help            this text
`;

const target: Target = {
  title: 'a group of eight with health checks, breaker and shared rate limit ÷ one bare server',
  of: 'whole-group',
  over: 'one-server',
  atMost: 1.1,
};

interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly sessions: number;
  readonly balance: string;
}

async function bench(
  plan: Plan,
  isStrict: boolean,
  directory: string,
  signal: AbortSignal,
): Promise<number> {
  const { balance, connections, rounds, seconds, sessions } = plan;
  await using stage = await BalancingStage.set({ directory, sessions, balance, signal });
  const { contenders, load } = stage;
  const problems: Problems = new Map();
  for (const contender of contenders) {
    const found = await checkTimedRequest(contender);
    if (found.length > 0) problems.set(contender.id, found);
  }
  const progress = new Progress(contenders.length * (rounds + 1));
  const shared = { load, connections, progress, signal };
  const warm = { rounds: 1, label: 'warm-up', warmUpSeconds: 0, seconds: 3 };
  await runRounds(contenders, problems, { ...shared, ...warm });
  const timed = { rounds, label: 'round', warmUpSeconds: 1, seconds };
  const samples = await runRounds(contenders, problems, { ...shared, ...timed });
  progress.end();
  const result = judge(target, samples);
  const { cpu, kernel, node } = describeMachine();
  const notes = [
    `${cpu}, ${kernel}, node ${node}; ${stage.cores.explanation}`,
    `${rounds} rounds of ${seconds} s, ${connections} connections, ${sessions} sessions, ${balance}`,
  ];
  process.stdout.write(renderReport({ contenders, samples, problems, targets: [result], notes }));
  return problems.size > 0 || (isStrict && !result.isMet) ? 1 : 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '64' },
      sessions: { type: 'string', default: '1000' },
      balance: { type: 'string', default: 'roundRobin' },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const plan: Plan = {
    rounds: wholeNumber('rounds', values.rounds, { least: 1, most: 1000 }),
    seconds: wholeNumber('seconds', values.seconds, { least: 1, most: 600 }),
    connections: wholeNumber('connections', values.connections, { least: 1, most: 4096 }),
    sessions: wholeNumber('sessions', values.sessions, { least: 1, most: 2000 }),
    balance: values.balance,
  };
  return await inTemporaryFolder('balancing', (directory, signal) =>
    bench(plan, values.strict, directory, signal),
  );
}

process.exitCode = await runCommand(main, help);
