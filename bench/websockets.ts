import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectionSharesOf } from '../src/lifecycle/descriptor-limit.ts';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { raiseDescriptorLimit } from './processes/descriptor-limit.ts';
import { freePorts } from './processes/free-ports.ts';
import { GatewayProcess } from './processes/gateway-process.ts';
import { residentBytes } from './processes/resident-memory.ts';
import { startUpstream } from './processes/upstream-process.ts';
import { EchoClient } from './websockets/echo-client.ts';

// `node bench/websockets.ts`: many WebSockets at once through the gateway, and what each costs in memory.

const help = `usage: node bench/websockets.ts [options]

Opens WebSockets through a gateway, sends messages over all of them (small ones, and every hundredth
socket a fragmented one of 1 MiB), compares every octet that comes back, and states the resident
memory of the gateway per open socket.

  --sockets N   WebSockets at once (default 5000)
  --rounds N    messages over each (default 3)
  --help        this text
`;

const mebibyte = 1024 * 1024;
const openAtOnce = 100;
const settleMs = 3_000;

interface Plan {
  readonly sockets: number;
  readonly rounds: number;
}

async function openAll(
  gateway: GatewayProcess,
  cookie: string,
  count: number,
): Promise<EchoClient[]> {
  const clients: EchoClient[] = [];
  while (clients.length < count) {
    const batch = Math.min(openAtOnce, count - clients.length);
    const opening = Array.from({ length: batch }, () => EchoClient.open(gateway.edgePort, cookie));
    clients.push(...(await Promise.all(opening)));
  }
  return clients;
}

/** How many messages came back changed; one that does not come back ends the run. */
async function echoAll(clients: readonly EchoClient[]): Promise<number> {
  const large = randomBytes(mebibyte);
  const results = await Promise.all(
    clients.map((client, index) =>
      index % 100 === 0 ? client.echo(large, 7) : client.echo(randomBytes(20 + (index % 500)), 1),
    ),
  );
  return results.filter((isWhole) => !isWhole).length;
}

async function measure(plan: Plan, directory: string, signal: AbortSignal): Promise<number> {
  const [port = 0] = await freePorts(1);
  const mainFile = join(import.meta.dirname, 'websockets/echo-main.ts');
  await using _upstream = await startUpstream({ port, core: null, directory, mainFile });
  await using gateway = await GatewayProcess.start({
    name: 'websockets',
    directory,
    core: null,
    signal,
    settings: {
      upstreamServers: [`127.0.0.1:${port}`],
      upstream: { connectionsMax: plan.sockets + 500 },
      edge: { limits: { connectionsPerAddressMax: 0 } },
    },
  });
  const [session] = await gateway.logIn(1, signal);
  if (session === undefined) throw new Error('no session was opened');
  for (const client of await openAll(gateway, session.cookie, 200)) client.close();
  await pause(settleMs);
  const idleBytes = residentBytes(gateway.pid);
  const clients = await openAll(gateway, session.cookie, plan.sockets);
  await pause(settleMs);
  const openBytes = residentBytes(gateway.pid);
  let changed = 0;
  for (let round = 0; round < plan.rounds && !signal.aborted; round++) {
    changed += await echoAll(clients);
  }
  await pause(settleMs);
  const usedBytes = residentBytes(gateway.pid);
  const open = clients.filter((client) => client.isOpen).length;
  for (const client of clients) client.close();
  const each = (bytes: number): string => ((bytes - idleBytes) / 1024 / plan.sockets).toFixed(1);
  process.stdout.write(
    `${plan.sockets} WebSockets, ${plan.rounds} messages each: ${open} open at the end, ` +
      `${changed} messages changed or lost\n` +
      `memory of the gateway per socket: ${each(openBytes)} KiB when opened, ` +
      `${each(usedBytes)} KiB after the messages (${(usedBytes / mebibyte).toFixed(0)} MiB in all)\n`,
  );
  return open === plan.sockets && changed === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      sockets: { type: 'string', default: '5000' },
      rounds: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (!existsSync('/proc/self/status')) {
    throw new Error('resident memory is read from /proc, so this measurement needs Linux');
  }
  const sockets = wholeNumber('sockets', values.sockets, { least: 1, most: 100_000 });
  const limit = raiseDescriptorLimit(sockets * 2 + 1000);
  const possible = Math.min(sockets, connectionSharesOf(limit, sockets).clients);
  if (possible < sockets) {
    process.stderr.write(
      `With ${limit} descriptors (ulimit -n) there can be ${possible} sockets.\n`,
    );
  }
  const rounds = wholeNumber('rounds', values.rounds, { least: 1, most: 1000 });
  const plan = { sockets: possible, rounds };
  return await inTemporaryFolder('websockets', (directory, signal) =>
    measure(plan, directory, signal),
  );
}

process.exitCode = await runCommand(main, help);
