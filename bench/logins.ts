import { parseArgs } from 'node:util';
import { Interruption } from './command/interruption.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { runLogins, type LoginsReport } from './logins/run-logins.ts';

// `npm run bench:logins`: what a storm of logins costs those who are logged in.

const help = `usage: npm run bench:logins -- [options]

Sends requests with sessions at an even pace, alone and then beside a storm of logins from many
accounts and addresses, whose users are in a MariaDB with hashes of Django's current cost. Every
answer is checked. Needs Debian's mariadb-server.

  --seconds N         of the storm (default 30)
  --logins N          offered a second (default 200)
  --requests N        offered a second (default 1000)
  --iterations N      of PBKDF2-SHA256 (default 1200000, as Django 6.0)
  --threads N         that check passwords (default 2)
  --queue-timeout MS  (default 5000)
  --help              this text
`;

/** The slowest of a hundred may become this much slower. */
const slowerFactor = 2;
const slowerMs = 10;

function render(
  { aloneMs, logins, quiet, storm }: LoginsReport,
  queueTimeoutMs: number,
): [string, boolean] {
  const limitMs = Math.max(slowerFactor * quiet.p99Ms, quiet.p99Ms + slowerMs);
  const { checkedMs, statuses, wrong } = logins;
  const slowestMs = checkedMs.at(-1) ?? 0;
  const checks: readonly (readonly [boolean, string])[] = [
    [storm.p99Ms <= limitMs, `p99 beside the storm is at most ${limitMs.toFixed(2)} ms`],
    [quiet.faults + storm.faults === 0, 'every request with a session is answered 200'],
    [wrong.length === 0, 'nobody is let in or refused wrongly'],
    [
      slowestMs <= queueTimeoutMs + 3 * aloneMs,
      `whoever is checked is so within the queue time (${queueTimeoutMs} ms) and the check itself`,
    ],
  ];
  const row = (name: string, { answered, p50Ms, p99Ms }: LoginsReport['quiet']): string =>
    `  ${name.padEnd(20)} ${String(answered).padStart(7)} answered, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;
  const counts = Object.entries(statuses).map(([status, count]) => `${status} × ${count}`);
  const middleMs = checkedMs[Math.floor(checkedMs.length / 2)] ?? 0;
  const lines = [
    row('requests alone', quiet),
    row('beside the storm', storm),
    `  ${'logins'.padEnd(20)} ${counts.join(', ')}`,
    `  ${'checked within'.padEnd(20)} median ${middleMs.toFixed(0)} ms, slowest ${slowestMs.toFixed(0)} ms; alone ${aloneMs.toFixed(0)} ms`,
    ...wrong.map((sentence) => `  WRONG  ${sentence}`),
    '',
    ...checks.map(([isMet, what]) => `  ${isMet ? 'met   ' : 'MISSED'} ${what}`),
  ];
  return [`${lines.join('\n')}\n`, checks.every(([isMet]) => isMet)];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '30' },
      logins: { type: 'string', default: '200' },
      requests: { type: 'string', default: '1000' },
      iterations: { type: 'string', default: '1200000' },
      threads: { type: 'string', default: '2' },
      'queue-timeout': { type: 'string', default: '5000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const number = (name: string, value: string, most: number): number =>
    wholeNumber(name, value, { least: 1, most });
  const queueTimeoutMs = number('queue-timeout', values['queue-timeout'], 60_000);
  using interruption = new Interruption();
  const report = await runLogins({
    seconds: number('seconds', values.seconds, 3_600),
    loginsPerSecond: number('logins', values.logins, 10_000),
    requestsPerSecond: number('requests', values.requests, 50_000),
    iterations: number('iterations', values.iterations, 5_000_000),
    threads: number('threads', values.threads, 64),
    queueTimeoutMs,
    signal: interruption.signal,
    say: (text) => process.stderr.write(`${text}\n`),
  });
  const [text, areAllMet] = render(report, queueTimeoutMs);
  process.stdout.write(text);
  return areAllMet ? 0 : 1;
}

process.exitCode = await runCommand(main, help);
