import { parseArgs } from 'node:util';
import { Interruption } from '../../bench/command/interruption.ts';
import { runCommand } from '../../bench/command/run-command.ts';
import { UsageError } from '../../bench/command/usage-error.ts';
import { wholeNumber } from '../../bench/command/whole-number.ts';
import { runSoak } from './soak.ts';
import { findingsOf } from './verdict.ts';

// `npm run soak`: what a gateway holds and how fast it answers after a long time of everything at once.

const help = `usage: npm run soak -- [options]

Soaks two gateways of its own on the loopback address (one process; a primary with two workers
that are replaced again and again) in mixed traffic: HTTP/1.1, HTTP/2, WebSockets, logins,
logouts, requests that break off. Exits with 0 when, compared with the first sixth, heap after
collection and descriptors have grown to at most 1.1 times, and the p99 of the last third is at
most 1.5 times that of the first (as many times more as the upstream itself, asked past the
gateway, has become slower with other work of the machine); else with 1.

  --minutes N   how long, 1 to 1440 (default 30)
  --seed S      asks the same things again (default 1)
  --help        this text
`;

/** Longer than any of it may take beside the traffic itself. */
const spareMs = 240_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const minutes = Number(values.minutes);
  if (!(minutes >= 1 && minutes <= 1440))
    throw new UsageError(`--minutes takes a number from 1 to 1440, not "${values.minutes}"`);
  const seed = wholeNumber('seed', values.seed, { least: 0, most: 2 ** 31 });
  using interruption = new Interruption();
  const { signal } = interruption;
  const late = AbortSignal.timeout(minutes * 60_000 + spareMs);
  tell(`seed ${String(seed)}, ${String(minutes)} minutes`);
  try {
    const figures = await runSoak({ minutes, seed, tell, signal: AbortSignal.any([signal, late]) });
    const findings = findingsOf(figures);
    for (const [deed, count] of figures.tally.deeds) tell(`  ${deed}: ${String(count)}`);
    for (const failure of figures.tally.failures) tell(`  failed: ${failure}`);
    for (const { isMet, what } of findings) tell(`${isMet ? 'met   ' : 'MISSED'} ${what}`);
    return findings.every(({ isMet }) => isMet) ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    process.stderr.write('\ninterrupted; everything that was started is stopped\n');
    return 130;
  }
}

process.exitCode = await runCommand(main, help);
