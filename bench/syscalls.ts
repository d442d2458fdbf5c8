import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { runCommand } from './command/run-command.ts';
import { UsageError } from './command/usage-error.ts';
import { wholeNumber } from './command/whole-number.ts';
import { everybody } from './comparison/scenario.ts';
import { countSystemCalls, straceMissing, type SystemCalls } from './extras/system-calls.ts';

// `npm run bench:syscalls`: what each contender asks of the kernel for a request.

const help = `usage: npm run bench:syscalls -- [options]

Counts the system calls of each contender for a small GET with a session, by
strace, while 64 connections keep it busy. Watching slows everybody down.

  --only NAMES    of contenders, with commas between them (default: all)
  --seconds N     of each (1..600, default 2)
  --json FILE     writes the counts
  --help          this text

Needs strace, and to be allowed to watch processes.
`;

function render(counted: readonly SystemCalls[]): string {
  const lines = counted.map(({ byName, contender, perRequest }) => {
    const most = Object.entries(byName)
      .slice(0, 6)
      .map(([name, each]) => `${name} ${each.toFixed(2)}`);
    return `  ${contender.padEnd(24)} ${perRequest.toFixed(2).padStart(7)}   ${most.join(', ')}`;
  });
  return ['', 'System calls for each request:', '', ...lines, ''].join('\n');
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: everybody.join(',') },
      seconds: { type: 'string', default: '2' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const ids = values.only.split(',');
  const unknown = ids.find((id) => !everybody.some((known) => known === id));
  if (unknown !== undefined) throw new UsageError(`--only: there is no contender ${unknown}`);
  const seconds = wholeNumber('seconds', values.seconds, { least: 1, most: 600 });
  const obstacle = straceMissing();
  if (obstacle !== null) throw new Error(obstacle);
  return await inTemporaryFolder('syscalls', async (directory, signal) => {
    const say = (text: string): void => void process.stderr.write(`${text}\n`);
    const counted = await countSystemCalls({ ids, seconds, directory, signal, say });
    process.stdout.write(render(counted));
    if (values.json !== undefined) {
      writeFileSync(values.json, `${JSON.stringify(counted, null, 2)}\n`);
    }
    return 0;
  });
}

process.exitCode = await runCommand(main, help);
