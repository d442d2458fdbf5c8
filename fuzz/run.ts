import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Interruption } from '../bench/command/interruption.ts';
import { Progress } from '../bench/command/progress.ts';
import { runCommand } from '../bench/command/run-command.ts';
import { UsageError } from '../bench/command/usage-error.ts';
import { wholeNumber } from '../bench/command/whole-number.ts';
import { Campaign } from './campaign.ts';
import { LANES, type FuzzLane } from './cases/fuzz-case.ts';
import { neverMet } from './coverage.ts';
import { reportText } from './report-text.ts';

// `npm run fuzz`: hostile clients and hostile upstreams, and a gateway between them that has to get through.

const help = `usage: npm run fuzz -- [options]

Plays spoilt requests, spoilt frames and spoilt answers against a gateway, compares what upstreams
saw with its access log and with what Node reads, and says how often what occurred. Fails where
something was found, where a process or a socket was lost, and, from ${20_000} cases on, where a
reason for refusal or an end that exists was never met.

  --seed S    what the cases are made from (default: a new one, which is printed)
  --cases N   how many (default 1000000)
  --lane L    only of one lane: ${LANES.join(', ')}
  --case N    only this one of the seed
  --at-once N how many are played at a time (default 640); fewer on a busy machine
  --keep-going
              does not end with the first batch in which something was found
  --help      this text
`;

/** From here on chance has met everything. */
const WHOLE_RUN = 20_000;
const BATCH = 20_000;
const CASES_MAX = 15_000_000;

function laneOf(text: string | undefined): FuzzLane | null {
  if (text === undefined) return null;
  const lane = LANES.find((name) => name === text);
  if (lane === undefined) throw new UsageError(`--lane takes ${LANES.join(', ')}, not "${text}"`);
  return lane;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      cases: { type: 'string', default: '1000000' },
      lane: { type: 'string' },
      case: { type: 'string' },
      'at-once': { type: 'string', default: '640' },
      'keep-going': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const most = 2 ** 31 - 1;
  const seed =
    values.seed === undefined
      ? randomInt(most)
      : wholeNumber('seed', values.seed, { least: 0, most });
  const cases = wholeNumber('cases', values.cases, { least: 1, most: CASES_MAX });
  const only =
    values.case === undefined
      ? null
      : wholeNumber('case', values.case, { least: 0, most: CASES_MAX });
  const atOnce = wholeNumber('at-once', values['at-once'], { least: 1, most: 5000 });
  const lane = laneOf(values.lane);
  process.stdout.write(`seed ${seed}\n`);
  using interruption = new Interruption();
  const to = only === null ? cases : only + 1;
  const progress = new Progress(Math.ceil(cases / BATCH));
  const report = await Campaign.run({
    seed,
    from: only ?? 0,
    to,
    lane,
    root: join(import.meta.dirname, '..'),
    signal: interruption.signal,
    findingsMax: values['keep-going'] ? Infinity : 1,
    batchSize: BATCH,
    atOnce,
    hasScenes: only === null,
    onBatch: (tally) => progress.step(`${tally.cases} cases, ${tally.forwarded} forwarded`),
  });
  progress.end();
  const isWhole = only === null && lane === null && cases >= WHOLE_RUN;
  const missing = report.findings.length === 0 ? neverMet(report.coverage) : [];
  process.stdout.write(reportText(report, missing));
  return report.findings.length > 0 || (isWhole && missing.length > 0) ? 1 : 0;
}

process.exitCode = await runCommand(main, help);
