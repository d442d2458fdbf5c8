import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { Interruption } from './command/interruption.ts';
import { type AbortsReport, runAborts } from './storm/run-aborts.ts';

// `npm run bench:aborts`: requests that break off everywhere, and what they leave behind.

const help = `usage: npm run bench:aborts -- [options]

Sends requests that clients and upstreams break off at random points, and counts what the gateway
has open before and afterwards: file descriptors, sockets, connections, timers.

  --requests N      default 100000
  --seed S          plans the same requests again (default 1)
  --concurrency N   requests in progress at a time (default 64)
  --help            this text
`;

function render({ requests, seed, tally, before, after, leftBehind }: AbortsReport): string {
  const answered = Object.entries(tally.answered).map(([status, count]) => `${status} × ${count}`);
  const row = (name: string, was: number | null, is: number | null): string =>
    `  ${name.padEnd(22)} ${String(was ?? '–').padStart(8)} ${String(is ?? '–').padStart(8)}`;
  const numbers = tally.hung === 0 ? '' : ` (among them ${tally.hungNumbers.join(', ')})`;
  return [
    `${requests} requests, seed ${seed}`,
    `  answered to the end    ${answered.join(', ')}`,
    `  left by the client     ${tally.left}`,
    `  broken by the gateway  ${tally.broken}`,
    `  forgotten              ${tally.hung}${numbers}`,
    '',
    `  ${'open'.padEnd(22)} ${'before'.padStart(8)} ${'after'.padStart(8)}`,
    row('file descriptors', before.descriptors, after.descriptors),
    row('sockets', before.sockets, after.sockets),
    row('client connections', before.clientConnections, after.clientConnections),
    row('upstream connections', before.upstreamConnections, after.upstreamConnections),
    row('timers', before.timers, after.timers),
    '',
    leftBehind.length === 0 ? '  met    nothing is left behind' : '',
    ...leftBehind.map((sentence) => `  MISSED ${sentence}`),
    tally.hung === 0 ? '  met    no request is forgotten' : '  MISSED requests are forgotten',
    '',
  ].join('\n');
}

async function storm(requests: number, seed: number, concurrency: number): Promise<number> {
  using interruption = new Interruption();
  const { signal } = interruption;
  const progress = new Progress(Math.ceil(requests / 1000));
  const onProgress = (done: number): void => progress.step(`${done} of ${requests} requests`);
  try {
    const report = await runAborts({ requests, seed, concurrency, signal, onProgress });
    progress.end();
    process.stdout.write(render(report));
    return report.leftBehind.length === 0 && report.tally.hung === 0 ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    process.stderr.write('\ninterrupted; everything that was started is stopped\n');
    return 130;
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      concurrency: { type: 'string', default: '64' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (!existsSync('/proc/self/fd')) {
    throw new Error('open descriptors are read from /proc, so this needs Linux');
  }
  return storm(
    wholeNumber('requests', values.requests, { least: 1, most: 100_000_000 }),
    wholeNumber('seed', values.seed, { least: 0, most: 2 ** 32 - 1 }),
    wholeNumber('concurrency', values.concurrency, { least: 1, most: 1024 }),
  );
}

process.exitCode = await runCommand(main, help);
