import { parseArgs } from 'node:util';
import { UsageError } from '../command/usage-error.ts';
import { wholeNumber } from '../command/whole-number.ts';

export const scenarios = ['clear', 'tls', 'http2', 'websocket', 'mebibyte'] as const;

/** How clients come, and what for. */
export type Scenario = (typeof scenarios)[number];

/** What the command line of `npm run bench` says. */
export interface BenchOptions {
  readonly scenario: Scenario;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  readonly sessions: number;
  readonly jsonPath: string | null;
  readonly isStrict: boolean;
  readonly isHelp: boolean;
}

export const benchHelp = `usage: npm run bench -- [options]

Measures Portcullis and NGINX with auth_request side by side, on one core each in turn:
CPU time per request of all their processes, requests per second, p50 and p99.

  --scenario NAME   clear (default); tls and http2: the same certificate and ciphers on both
                    sides, http2 by h2load; websocket: messages that come back; mebibyte: answers
                    of 1 MiB
  --rounds N        paired rounds; medians and spreads are over these (1..1000, default 9)
  --seconds N       of every measurement (1..600, default 4)
  --connections N   kept-alive client connections (1..4096, default 64)
  --sessions N      logged-in sessions that they spread over (1..2000, default 1000)
  --json FILE       writes all samples, with commit, processor and versions
  --strict          exit code 1 also for a missed target, not only for a wrong answer
  --help            this text
`;

export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string', default: 'clear' },
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '64' },
      sessions: { type: 'string', default: '1000' },
      json: { type: 'string' },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const scenario = scenarios.find((name) => name === values.scenario);
  if (scenario === undefined) {
    throw new UsageError(`--scenario ${values.scenario} is none of ${scenarios.join(', ')}`);
  }
  return {
    scenario,
    rounds: wholeNumber('rounds', values.rounds, { least: 1, most: 1000 }),
    seconds: wholeNumber('seconds', values.seconds, { least: 1, most: 600 }),
    connections: wholeNumber('connections', values.connections, { least: 1, most: 4096 }),
    sessions: wholeNumber('sessions', values.sessions, { least: 1, most: 2000 }),
    jsonPath: values.json ?? null,
    isStrict: values.strict,
    isHelp: values.help,
  };
}
