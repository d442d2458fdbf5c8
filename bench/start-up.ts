import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { describeMachine } from './comparison/machine.ts';
import { median, spread } from './comparison/statistics.ts';
import { RedisProcess } from './processes/redis-process.ts';
import { measureStarts } from './start/measure-starts.ts';
import type { StartFigures } from './start/start-figures.ts';

// `npm run bench:start`: how soon a gateway answers, and what it holds while nobody asks.

const help = `usage: npm run bench:start -- [options]

Starts a gateway with one worker again and again, with its sessions in memory and in Redis: the
time from the command to the first answer, and the resident memory of its processes when it has
idled. The first start, which compiles the sources and keeps what comes of it, is not counted.

  --rounds N        starts of each (1..100, default 5)
  --idle N          seconds that a gateway idles before its memory is read (1..600, default 6)
  --store NAME      only memory, or only redis
  --json FILE       writes all samples, with commit, processor and versions
  --strict          exit code 1 for a missed limit
  --help            this text

Redis needs redis-server.
`;

const stores = ['memory', 'redis'] as const;

interface Plan {
  readonly rounds: number;
  readonly idleSeconds: number;
  readonly asked: readonly (typeof stores)[number][];
  readonly jsonPath: string | null;
  readonly isStrict: boolean;
}

function line(figures: StartFigures): string {
  const { firstAnswerMs, isMet, limits, rounds, rssMiB, store } = figures;
  const [soonest, latest] = spread(rounds.map((one) => one.firstAnswerMs));
  const [least, most] = spread(rounds.map((one) => one.rssMiB));
  const cpuMs = median(rounds.map((one) => one.cpuMs));
  const time = `${firstAnswerMs.toFixed(0)} ms (${soonest.toFixed(0)}–${latest.toFixed(0)}), ${cpuMs.toFixed(0)} ms of them on a processor, at most ${limits.firstAnswerMs}`;
  const memory = `${rssMiB.toFixed(1)} MiB (${least.toFixed(1)}–${most.toFixed(1)}), at most ${limits.rssMiB}`;
  return `  ${isMet ? 'met   ' : 'MISSED'} ${store}: first answer after ${time}; idle ${memory}\n`;
}

async function bench(plan: Plan, directory: string, signal: AbortSignal): Promise<number> {
  const { asked, idleSeconds, jsonPath, rounds } = plan;
  const progress = new Progress(asked.length * (rounds + 1));
  const step = (text: string): void => progress.step(text);
  const shared = { rounds, idleMs: idleSeconds * 1_000, directory, signal, step };
  const results: StartFigures[] = [];
  for (const store of asked) {
    if (store === 'memory') {
      results.push(await measureStarts({ ...shared, redis: null }));
      continue;
    }
    await using redis = await RedisProcess.start({ directory, core: null, signal });
    results.push(await measureStarts({ ...shared, redis: redis.address }));
  }
  progress.end();
  process.stdout.write(results.map(line).join(''));
  if (jsonPath !== null) {
    const written = { format: 1, machine: describeMachine(), rounds, idleSeconds, stores: results };
    writeFileSync(jsonPath, `${JSON.stringify(written, null, 2)}\n`);
  }
  return plan.isStrict && results.some(({ isMet }) => !isMet) ? 1 : 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      idle: { type: 'string', default: '6' },
      store: { type: 'string' },
      json: { type: 'string' },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (!existsSync('/proc/self/status')) {
    throw new Error('memory is read from /proc, so this measurement needs Linux');
  }
  const plan: Plan = {
    rounds: wholeNumber('rounds', values.rounds, { least: 1, most: 100 }),
    idleSeconds: wholeNumber('idle', values.idle, { least: 1, most: 600 }),
    asked: stores.filter((store) => values.store === undefined || values.store === store),
    jsonPath: values.json ?? null,
    isStrict: values.strict,
  };
  return await inTemporaryFolder('start', (directory, signal) => bench(plan, directory, signal));
}

process.exitCode = await runCommand(main, help);
