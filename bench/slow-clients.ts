import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { median } from './comparison/statistics.ts';
import { planCores } from './processes/core-plan.ts';
import { cpuTimeMs } from './processes/cpu-time.ts';
import { freePorts } from './processes/free-ports.ts';
import { GatewayProcess } from './processes/gateway-process.ts';
import { startUpstream } from './processes/upstream-process.ts';
import { measureHonest, type HonestResult } from './slow/honest-clients.ts';
import { SlowReaders } from './slow/slow-readers.ts';
import {
  connectionsOf,
  hasSlowhttptest,
  slowhttptestMissing,
  startAttacks,
} from './slow/slowhttptest.ts';

// `npm run bench:slow`: what slow clients do to honest ones.

const help = `usage: npm run bench:slow -- [options]

slowhttptest (slow heads, slow bodies, slow readers) and readers that take nothing attack from one
address, with a session of their own, while honest clients work from another. None of their requests
may fail, and their p99 may rise to 1.5 times its quiet value or 5 ms above it (median of the rounds).

  --rounds N        rounds of quiet and attack (1..100, default 5)
  --seconds N       of each (4..600, default 12)
  --connections N   of each kind of attack (1..1000, default 200)
  --help            this text
`;

const settleMs = 2_000;
const bulkUpstream = join(import.meta.dirname, 'memory/bulk-upstream-main.ts');

interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

interface Round {
  readonly quiet: HonestResult;
  readonly attacked: HonestResult;
}

async function measureRounds(
  plan: Plan,
  directory: string,
  signal: AbortSignal,
): Promise<{ rounds: Round[]; explanation: string }> {
  const cores = planCores();
  const [port = 0] = await freePorts(1);
  await using _upstream = await startUpstream({
    port,
    core: cores.upstream,
    directory,
    mainFile: bulkUpstream,
  });
  await using gateway = await GatewayProcess.start({
    name: 'edge',
    directory,
    core: cores.contender,
    signal,
    settings: { upstreamServers: [`127.0.0.1:${port}`] },
  });
  const [attacker, ...honest] = await gateway.logIn(9, signal);
  if (attacker === undefined) throw new Error('no session was opened');
  const { cookie } = attacker;
  const cookies = honest.map((session) => session.cookie);
  const { edgePort } = gateway;
  const rounds: Round[] = [];
  await measureHonest(edgePort, cookies, 3, signal);
  while (rounds.length < plan.rounds && !signal.aborted) {
    const quiet = await measureHonest(edgePort, cookies, plan.seconds, signal);
    await using attacks = new AsyncDisposableStack();
    attacks.use(new SlowReaders(edgePort, cookie, plan.connections));
    const seconds = plan.seconds + settleMs / 1000 + 1;
    const part = { directory, cookie, connections: plan.connections, seconds };
    const attackers = startAttacks({ ...part, core: cores.load, port: edgePort });
    for (const one of attackers) attacks.defer(() => one.stop());
    await pause(settleMs);
    const cpuBeforeMs = cpuTimeMs([gateway.pid]);
    const attacked = await measureHonest(edgePort, cookies, plan.seconds, signal);
    const share = (cpuTimeMs([gateway.pid]) - cpuBeforeMs) / (plan.seconds * 1000);
    // What they say comes when they end.
    await Promise.allSettled(attackers.map((one) => one.untilEnded()));
    for (const one of attackers) {
      // Nothing is proven by an attack that did not take place.
      if (connectionsOf(one) === 0) throw new Error(`no attack by ${one.name}: ${one.logTail()}`);
    }
    rounds.push({ quiet, attacked });
    process.stderr.write(
      `round ${rounds.length}: ${line(quiet)} quiet, ${line(attacked)} attacked, ` +
        `the gateway on ${share.toFixed(2)} of a core\n`,
    );
  }
  return { rounds, explanation: cores.explanation };
}

function line({ failures, p99Ms, requests }: HonestResult): string {
  return `p99 ${p99Ms.toFixed(2)} ms (${requests} requests, ${failures} failed)`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '12' },
      connections: { type: 'string', default: '200' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  if (!hasSlowhttptest(say)) {
    say(slowhttptestMissing);
    return 1;
  }
  const plan: Plan = {
    rounds: wholeNumber('rounds', values.rounds, { least: 1, most: 100 }),
    seconds: wholeNumber('seconds', values.seconds, { least: 4, most: 600 }),
    connections: wholeNumber('connections', values.connections, { least: 1, most: 1000 }),
  };
  return await inTemporaryFolder('slow', async (directory, signal) => {
    const { rounds, explanation } = await measureRounds(plan, directory, signal);
    const quietMs = median(rounds.map(({ quiet }) => quiet.p99Ms));
    const attackedMs = median(rounds.map(({ attacked }) => attacked.p99Ms));
    const failures = rounds.reduce((sum, { attacked }) => sum + attacked.failures, 0);
    const boundMs = Math.max(1.5 * quietMs, quietMs + 5);
    const isMet = failures === 0 && attackedMs <= boundMs;
    process.stdout.write(
      `${isMet ? 'met   ' : 'MISSED'} p99 of honest clients: quiet ${quietMs.toFixed(2)} ms, ` +
        `attacked ${attackedMs.toFixed(2)} ms, at most ${boundMs.toFixed(2)} ms; ` +
        `${failures} of their requests failed (medians of ${rounds.length} rounds; ${explanation})\n`,
    );
    return isMet ? 0 : 1;
  });
}

process.exitCode = await runCommand(main, help);
