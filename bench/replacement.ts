import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { describeMachine } from './comparison/machine.ts';
import { replaceUnderLoad, type ReplacementReport } from './replacement/replace-under-load.ts';

// `npm run bench:replacement`: a rolling restart and a reload under load; no request may be lost.

const help = `usage: npm run bench:replacement -- [options]

Sends requests through a gateway with several workers at a steady rate, a quarter of them each on a
new connection, and keeps WebSockets open; then restarts the workers one by one (SIGHUP) and lets the
gateway reload its configuration. Counts requests that were refused, cut or answered wrongly, and
what became of the WebSockets: a restart tells them to come back (1012), a reload leaves them alone.

  --requests N   per second (default 2000)
  --sockets N    WebSockets (default 500)
  --workers N    default 2
  --rounds N     restarts and reloads, in turn (default 3)
  --json FILE    writes the figures, with commit, processor and versions
  --help         this text

Exit code 0: no request was lost, and every WebSocket is where it must be. The default takes a minute.
`;

function render(report: ReplacementReport): string {
  const { fates, sent, seconds } = report;
  return [
    `${sent} requests in ${seconds.toFixed(0)} s (${(sent / seconds).toFixed(0)} per second)`,
    `  answered ${fates.answered}, refused ${fates.refused}, cut ${fates.cut}, wrong ${fates.wrong}`,
    ...[...report.failures].map(([detail, count]) => `    ${detail} × ${count}`),
    ...report.rounds.map(
      ({ kind, tookMs, told, lost, silent }) =>
        `  ${kind.padEnd(8)} ${(tookMs / 1000).toFixed(1)} s; WebSockets told to come back: ${told}, ` +
        `lost otherwise: ${lost}, silent afterwards: ${silent}`,
    ),
    '',
    verdict(report.fates.answered === sent, `requests lost: ${sent - fates.answered}, at most 0`),
    verdict(
      report.isGood,
      'WebSockets: at a restart told to come back, at a reload left alone, none lost',
    ),
    '',
  ].join('\n');
}

function verdict(isMet: boolean, text: string): string {
  return `  ${isMet ? 'met   ' : 'MISSED'} ${text}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '2000' },
      sockets: { type: 'string', default: '500' },
      workers: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  return await inTemporaryFolder('replacement', async (directory, signal) => {
    const rounds = wholeNumber('rounds', values.rounds, { least: 1, most: 100 });
    const report = await replaceUnderLoad({
      requestsPerSecond: wholeNumber('requests', values.requests, { least: 4, most: 100_000 }),
      sockets: wholeNumber('sockets', values.sockets, { least: 0, most: 10_000 }),
      workers: wholeNumber('workers', values.workers, { least: 2, most: 64 }),
      rounds,
      directory,
      progress: new Progress(1 + 2 * rounds),
      signal,
    });
    process.stdout.write(render(report));
    if (values.json !== undefined) {
      const failures = Object.fromEntries(report.failures);
      const results = { format: 1, machine: describeMachine(), ...report, failures };
      writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
    }
    return report.isGood ? 0 : 1;
  });
}

process.exitCode = await runCommand(main, help);
