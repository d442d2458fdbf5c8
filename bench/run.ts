import { existsSync, writeFileSync } from 'node:fs';
import { systemClock } from '../src/lib/clock.ts';
import { compare, type Comparison } from './comparison/compare.ts';
import { describeMachine } from './comparison/machine.ts';
import { runCommand } from './command/run-command.ts';
import {
  benchHelp,
  type BenchOptions,
  parseBenchOptions,
  type Scenario,
} from './comparison/options.ts';
import { renderReport } from './comparison/report.ts';
import { Stage } from './comparison/stage.ts';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { findOrInstallNginx, type NginxCommand, nginxMissing } from './processes/nginx-command.ts';

// `npm run bench`: Portcullis and NGINX with auth_request side by side.

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function writeResults(
  path: string,
  comparison: Comparison,
  about: { options: BenchOptions; pinning: string; nginx: string },
): void {
  const { samples, problems, targets, floodStoreCalls } = comparison;
  const results = {
    format: 1,
    at: new Date(systemClock.now()).toISOString(),
    machine: { ...describeMachine(), nginx: about.nginx, pinning: about.pinning },
    options: about.options,
    flags: process.execArgv,
    problems: Object.fromEntries(problems),
    samples: Object.fromEntries(samples),
    targets,
    floodStoreCalls,
  };
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
}

async function bench(
  options: BenchOptions,
  nginx: NginxCommand,
  directory: string,
  signal: AbortSignal,
): Promise<number> {
  const { scenario, sessions } = options;
  await using stage = await Stage.set({ nginx, directory, scenario, sessions, signal, say });
  const comparison = await compare(stage, options, signal);
  const { cores } = stage;
  const machine = describeMachine();
  const { connections } = options;
  const words: Readonly<Record<Scenario, string>> = {
    clear: `${connections} connections`,
    tls: `TLS, ${connections} connections`,
    http2: `HTTP/2, ${connections} requests at once, 8 on each connection`,
    websocket: `${connections} WebSockets, messages of 128 octets`,
    mebibyte: `answers of 1 MiB, ${connections} connections`,
  };
  const notes = [
    `${machine.cpu}, ${machine.kernel}, node ${machine.node}, NGINX ${nginx.version}; ${cores.explanation}`,
    `${options.rounds} rounds of ${options.seconds} s, ${words[scenario]}, ${sessions} sessions, access log off everywhere`,
  ];
  process.stdout.write(renderReport({ ...comparison, notes }));
  if (options.jsonPath !== null) {
    const about = { options, pinning: cores.explanation, nginx: nginx.version };
    writeResults(options.jsonPath, comparison, about);
  }
  const areAllMet =
    comparison.targets.every(({ isMet }) => isMet) && comparison.floodStoreCalls === 0;
  return comparison.problems.size > 0 || (options.isStrict && !areAllMet) ? 1 : 0;
}

async function main(): Promise<number> {
  const options = parseBenchOptions(process.argv.slice(2));
  if (options.isHelp) {
    process.stdout.write(benchHelp);
    return 0;
  }
  if (!existsSync('/proc/self/stat')) {
    say('CPU time is read from /proc, so the benchmark needs Linux.');
    return 1;
  }
  const nginx = findOrInstallNginx(say);
  if (nginx === null) {
    say(nginxMissing);
    return 1;
  }
  return await inTemporaryFolder('bench', (directory, signal) =>
    bench(options, nginx, directory, signal),
  );
}

process.exitCode = await runCommand(main, benchHelp);
