import { parseArgs } from 'node:util';
import { runChaos } from '../support/coherence/chaos.ts';
import { ensureCommands } from '../support/ensure-commands.ts';

/** `npm run chaos -- --minutes 10 --seed 7`: exits with 1 where somebody accepted or refused what they must not. */
ensureCommands({ 'redis-server': 'redis-server' }, {});
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '2' }, seed: { type: 'string', default: '1' } },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) throw new Error('--minutes and --seed are numbers');
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
tell(`seed ${String(seed)}, ${String(minutes)} minutes`);
const { violations, ...counts } = await runChaos({ minutes, seed, tell });
for (const violation of violations.slice(0, 20)) tell(JSON.stringify(violation));
tell(`${JSON.stringify(counts)}: ${String(violations.length)} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;
