import { parseArgs } from 'node:util';
import { UsageError } from '../command/usage-error.ts';
import { wholeNumber } from '../command/whole-number.ts';
import { everybody, headline, type Scenario, scenarios } from './scenario.ts';
import { sessionSizes } from './session-scenarios.ts';

/** A scenario and who is measured in it. */
export interface PlannedScenario {
  readonly scenario: Scenario;
  readonly ids: readonly string[];
}

/** What the command line of `npm run bench` says. */
export interface BenchOptions {
  readonly planned: readonly PlannedScenario[];
  /** How many sessions, for the scenarios that are about that. */
  readonly sizes: readonly number[];
  readonly only: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly sessions: number;
  readonly jsonPath: string | null;
  readonly htmlPath: string | null;
  /** With what other commands measure. */
  readonly isFull: boolean;
  readonly isStrict: boolean;
  readonly isHelp: boolean;
}

/** Words in lines of at most so many characters. */
function wrapped(words: readonly string[], indent: number, most: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line}, ${word}`;
    if (indent + longer.length >= most) {
      lines.push(`${line},`);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each) => `${' '.repeat(indent)}${each}`).join('\n');
}

const scenarioNames = [...scenarios.map(({ name }) => name), ...sessionSizes.keys()];

export const benchHelp = `usage: npm run bench -- [options]

Measures Portcullis beside NGINX, HAProxy, Caddy and proxies in Node, each alone
on one core in turn: CPU time per request of all its processes, requests a
second, latency, resident memory. Answers are checked before they are timed.
Who is not installed is named, with the command that installs it.

  --only NAMES      of contenders, with commas between them (default: those that
                    a scenario compares; in ${headline} all)
  --scenario NAMES  with commas between them (default ${headline})
  --rounds N        paired rounds (1..1000, default 4; with --full 9)
  --seconds N       of everybody in a round (1..600, default 2); with wrk,
                    an even number is passes of two; of many contenders,
                    Portcullis is measured before every fifth other
  --sessions N      logged-in sessions (1..2000, default 1000)
  --json FILE       writes machine, commit, configurations, every round
  --html FILE       writes a page with charts
  --full            every scenario, the coherence of nodes, a storm of logins,
                    memory, system calls: within 75 minutes
  --strict          exit code 1 also for a missed limit, not only for a wrong
                    answer
  --help            this text

Scenarios:
${wrapped(scenarioNames, 2, 80)}

Contenders:
${wrapped([...everybody, 'portcullis-accepted'], 2, 80)}

Without options it takes less than five minutes.
`;

function namesIn(option: string, text: string, known: readonly string[]): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`--${option}: ${unknown} is none of ${known.join(', ')}`);
  }
  return [...new Set(names)];
}

/** Who is measured where: the scenario's own, or those that were named and can be. */
function planFor(names: readonly string[], only: readonly string[]): PlannedScenario[] {
  return scenarios
    .filter(({ name }) => names.includes(name))
    .map((scenario) => {
      const { contenders, possible = everybody } = scenario;
      const ids = only.length === 0 ? contenders : only.filter((id) => possible.includes(id));
      return { scenario, ids };
    })
    .filter(({ ids }) => ids.length > 0);
}

export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      scenario: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string', default: '2' },
      sessions: { type: 'string', default: '1000' },
      json: { type: 'string' },
      html: { type: 'string' },
      full: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { full: isFull } = values;
  if (isFull && values.scenario !== undefined) {
    throw new UsageError('--full is every scenario: --scenario says nothing beside it');
  }
  const only = namesIn('only', values.only, [...everybody, 'portcullis-accepted']);
  const names = isFull
    ? scenarioNames
    : namesIn('scenario', values.scenario ?? headline, scenarioNames);
  const planned = planFor(names, only);
  const isOurs = only.length === 0 || only.includes('portcullis');
  const sizes = isOurs
    ? [...sessionSizes].flatMap(([name, size]) => (names.includes(name) ? [size] : []))
    : [];
  if (planned.length === 0 && sizes.length === 0) {
    throw new UsageError('none of these contenders is in any of these scenarios');
  }
  const { rounds = isFull ? '9' : '4' } = values;
  return {
    ...{ planned, sizes, only, isFull },
    rounds: wholeNumber('rounds', rounds, { least: 1, most: 1000 }),
    seconds: wholeNumber('seconds', values.seconds, { least: 1, most: 600 }),
    sessions: wholeNumber('sessions', values.sessions, { least: 1, most: 2000 }),
    jsonPath: values.json ?? null,
    htmlPath: values.html ?? null,
    isStrict: values.strict,
    isHelp: values.help,
  };
}
