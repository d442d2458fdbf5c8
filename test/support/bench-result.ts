import type { BenchResult, ResultRow, RoundSample } from '../../bench/results/result-file.ts';

const nothing: RoundSample = {
  ...{ cpuMicrosPerRequest: null, requestsPerSecond: null, p50Ms: null, p90Ms: null },
  ...{ p99Ms: null, p999Ms: null, rssMiB: null, wasBusy: true, coreShare: 1, loadCoreShare: 0.8 },
};

/** A row of rounds around a figure. */
export function rowWith(
  scenario: string,
  [contender, title]: readonly [string, string],
  micros: readonly number[],
  change: Partial<ResultRow> = {},
): ResultRow {
  const middle = micros.toSorted((a, b) => a - b)[Math.floor(micros.length / 2)] ?? null;
  const ms = middle === null ? null : middle / 20;
  const latency = {
    ...{ p50Ms: ms, p90Ms: ms === null ? null : ms * 1.4 },
    ...{ p99Ms: ms === null ? null : ms * 2.5, p999Ms: ms === null ? null : ms * 9 },
  };
  const rest = {
    ...{ requestsPerSecond: middle === null ? null : 1e6 / middle, rssMiB: 96.4 },
    ...latency,
  };
  return {
    ...{ scenario, contender, title, connections: 64, note: null },
    ...{ cpuMicrosPerRequest: middle, ...rest },
    rounds: micros.map((cpuMicrosPerRequest) => ({ ...nothing, ...rest, cpuMicrosPerRequest })),
    ...change,
  };
}

const everybody: readonly (readonly [string, string, number])[] = [
  ['portcullis', 'Portcullis', 27],
  ['portcullis-redis', 'Portcullis, sessions in Redis', 27.6],
  ['portcullis-access-log', 'Portcullis, access log on', 30.9],
  ['nginx-plain', 'NGINX without authentication', 17.1],
  ['nginx-auth-request', 'NGINX with auth_request', 45.8],
  ['nginx-auth-cache', 'NGINX with auth_request, cached', 30.2],
  ['haproxy-map', 'HAProxy with a map', 20.4],
  ['node-undici', 'node:http and undici', 71],
  ['http-proxy-3', 'http-proxy-3', 110],
  ['fastify-http-proxy', '@fastify/http-proxy', 96],
  ['relay', 'a blind relay', 20],
];

const around = (middle: number): readonly number[] =>
  [-0.06, -0.03, 0, 0.02, 0.09].map((share) => middle * (1 + share));

function ratio(name: string, denominator: string, median: number, limit: number | null) {
  return {
    ...{ scenario: 'small-get', name, figure: 'cpuMicrosPerRequest' as const },
    ...{
      numerator: 'portcullis',
      denominator,
      median,
      ofMedians: median * 1.01,
      least: median * 0.95,
      most: median * 1.1,
    },
    ...{ limit, aim: limit === null ? null : limit - 0.125 },
    isMet: limit === null ? null : median <= limit,
  };
}

/** Everything that a report can hold, in figures that nobody measured. */
export const benchResult: BenchResult = {
  machine: {
    ...{ commit: 'c'.repeat(40), hasLocalChanges: false, cpu: 'A Processor <of> "no" & name' },
    ...{ cores: 2, kernel: 'Linux 6.1 x64', node: '26.10.0', v8: '14.0', autocannon: '9.0.0' },
  },
  commit: 'c'.repeat(40),
  startedAt: '2026-01-02T03:04:05.000Z',
  settings: {
    ...{ rounds: 5, seconds: 4, sessions: 1000, only: [], pinning: 'pinned: contender on core 0' },
    scenarios: ['small-get', 'half-load', 'flood-401', 'sessions-1e3', 'sessions-1e6'],
    drivers: { 'small-get': 'wrk' },
  },
  versions: { nginx: '1.22.1', haproxy: '2.6.12' },
  configurations: {
    portcullis: '{"listeners": {"edge": "<script>alert(1)</script>"}}',
    'nginx-plain': 'worker_processes 1;\n',
  },
  rows: [
    ...everybody.map(([name, title, micros]) =>
      rowWith('small-get', [name, title], around(micros)),
    ),
    rowWith('small-get', ['nginx-njs', 'NGINX with njs'], [], {
      note: 'WRONG: a spoofed identity <img src=x> came through',
    }),
    rowWith('small-get', ['caddy-forward-auth', 'Caddy with forward_auth'], [], {
      note: 'not installed: apt-get install caddy',
    }),
    ...everybody
      .slice(0, 5)
      .map(([name, title, micros]) => rowWith('half-load', [name, title], around(micros))),
    ...everybody.slice(0, 2).map(([name, title, micros]) => {
      const row = rowWith('flood-401', [name, title], around(micros / 2));
      return {
        ...row,
        rounds: row.rounds.map((round) => ({ ...round, wasBusy: name !== 'portcullis' })),
      };
    }),
    ...['1e3', '1e4', '1e5', '1e6'].map((power, index) =>
      rowWith(`sessions-${power}`, ['portcullis', 'Portcullis'], around(26 + index * 3)),
    ),
  ],
  ratios: [
    ratio('Portcullis ÷ NGINX with auth_request', 'nginx-auth-request', 0.59, 0.6),
    ratio('Portcullis ÷ NGINX without authentication', 'nginx-plain', 1.58, 1.7),
    ratio('Portcullis ÷ a blind relay', 'relay', 1.72, 1.5),
    ratio('Portcullis ÷ @fastify/http-proxy', 'fastify-http-proxy', 0.28, null),
  ],
  missing: [
    {
      contender: 'caddy-forward-auth',
      title: 'Caddy with forward_auth',
      command: 'apt-get install caddy',
    },
  ],
  extra: {
    coherence: {
      figures: { sinceSentMs: { count: 5000, p50: 2.1, p99: 9.4, max: 31 } },
      nginxPlusSyncMs: 1000,
    },
    storm: {
      figures: {
        plan: { loginsPerSecond: 200 },
        quiet: { p50Ms: 0.4, p99Ms: 1.3, faults: 0 },
        storm: { p50Ms: 0.5, p99Ms: 2.7, faults: 0 },
      },
    },
    memory: { figures: [{ sessions: 1_000_000, heapBytesEach: 603, externalBytesEach: 0 }] },
    startUp: {
      stores: [
        {
          ...{ store: 'memory', firstAnswerMs: 412, rssMiB: 96.4 },
          limits: { firstAnswerMs: 600, rssMiB: 100 },
        },
      ],
    },
    systemCalls: {
      figures: [
        { contender: 'portcullis', title: 'Portcullis', perRequest: 4.1, byName: { write: 2 } },
        { contender: 'nginx-plain', title: 'NGINX', perRequest: 6.2, byName: { writev: 2 } },
      ],
    },
  },
};
