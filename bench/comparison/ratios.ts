import type { ResultRatio, ResultRow, RoundSample } from '../results/result-file.ts';
import { median, spread } from './statistics.ts';

/** A bound on how two contenders compare within a round. */
export interface RatioRule {
  readonly scenario: string;
  readonly name: string;
  readonly figure: 'cpuMicrosPerRequest' | 'p99Ms';
  readonly numerator: string;
  /** Of several the one with the least of the figure. */
  readonly denominators: readonly string[];
  /** Null: told, not bounded. */
  readonly limit: number | null;
  readonly aim: number | null;
  /** Whoever is no more than so much above the denominator is within the limit as well. */
  readonly slackMs?: number;
  /** The ratio is itself compared with the one of this scenario. */
  readonly against?: string;
}

type Bounds = readonly [limit: number | null, aim: number | null];

function cpu(
  scenario: string,
  name: string,
  [numerator, ...denominators]: readonly string[],
  [limit, aim]: Bounds,
): RatioRule {
  const names = { scenario, name, numerator: numerator ?? '', denominators };
  return { ...names, figure: 'cpuMicrosPerRequest', limit, aim };
}

const ours = 'portcullis';
const told: Bounds = [null, null];

const headlineRules: readonly (readonly [string, readonly string[], Bounds])[] = [
  ['Portcullis ÷ NGINX with auth_request', [ours, 'nginx-auth-request'], [0.6, 0.5]],
  ['/validate alone ÷ Portcullis', ['validate', ours], [0.7, null]],
  ['Portcullis ÷ NGINX with auth_request, cached', [ours, 'nginx-auth-cache'], [1.05, 0.9]],
  ['Portcullis ÷ NGINX without authentication', [ours, 'nginx-plain'], [1.7, 1.4]],
  ['Portcullis ÷ HAProxy with a map', [ours, 'haproxy-map'], [1.6, 1.25]],
  ['Portcullis ÷ a blind relay', [ours, 'relay'], [1.5, 1.35]],
  ['Portcullis ÷ node:http and undici', [ours, 'node-undici'], [0.45, 0.4]],
  ['Portcullis ÷ http-proxy-3', [ours, 'http-proxy-3'], [0.3, 0.25]],
  ['Portcullis ÷ NGINX with njs', [ours, 'nginx-njs'], told],
  ['Portcullis ÷ Caddy with forward_auth', [ours, 'caddy-forward-auth'], told],
  ['Portcullis ÷ @fastify/http-proxy', [ours, 'fastify-http-proxy'], told],
  ['access log on ÷ off', ['portcullis-access-log', ours], [1.2, null]],
  ['sessions in Redis ÷ in memory', ['portcullis-redis', ours], [1.05, null]],
];

const bulk: readonly (readonly [string, string])[] = [
  ['get-64k', 'answers of 64 KiB'],
  ['get-1m', 'answers of 1 MiB'],
  ['post-64k', 'bodies of 64 KiB'],
  ['post-1m', 'bodies of 1 MiB'],
];

const authenticated = ['nginx-auth-request', 'nginx-auth-cache', 'nginx-njs'];

const ratioRules: readonly RatioRule[] = [
  ...headlineRules.map(([name, both, bounds]) => cpu('small-get', name, both, bounds)),
  ...bulk.map(([scenario, what]) =>
    cpu(scenario, `${what}, Portcullis ÷ NGINX`, [ours, 'nginx-plain'], [1.15, null]),
  ),
  cpu('post-4k', 'bodies of 4 KiB, Portcullis ÷ NGINX', [ours, 'nginx-plain'], told),
  cpu('tls', 'TLS, Portcullis ÷ NGINX, its cheapest', [ours, ...authenticated], [1.1, null]),
  cpu('http2', 'HTTP/2, Portcullis ÷ NGINX, its cheapest', [ours, ...authenticated], told),
  cpu('websocket', 'a message, Portcullis ÷ NGINX', [ours, 'nginx-plain'], told),
  cpu('new-connections', 'a new connection, Portcullis ÷ NGINX', [ours, 'nginx-plain'], told),
  cpu('flood-401', 'refused ÷ accepted', [ours, 'portcullis-accepted'], [0.8, null]),
  ...['nginx-auth-request', 'nginx-auth-cache', 'nginx-plain', 'haproxy-map'].map((other) => ({
    ...cpu('two-cores', `two workers ÷ one, beside ${other}`, [ours, other], [1.15, null]),
    against: 'small-get',
  })),
  {
    scenario: 'half-load',
    name: 'p99 at half load, Portcullis ÷ NGINX without authentication',
    figure: 'p99Ms',
    numerator: ours,
    denominators: ['nginx-plain'],
    ...{ limit: 1.5, aim: null, slackMs: 1 },
  },
];

/** The histogram of latencies ends here. */
const latencyMsMax = 999;
/** Of a core. */
const loadShareMax = 0.95;

/** Round by round; rounds without the figure on both sides are left out. */
function quotients(
  numerator: ResultRow | undefined,
  denominator: ResultRow | undefined,
  figure: RatioRule['figure'],
): number[] {
  const other: readonly RoundSample[] = denominator?.rounds ?? [];
  return (numerator?.rounds ?? []).flatMap((sample, round) => {
    const [above, below] = [sample[figure], other[round]?.[figure]];
    return typeof above === 'number' && typeof below === 'number' && below > 0
      ? [above / below]
      : [];
  });
}

function judged(rule: RatioRule, rows: readonly ResultRow[]): ResultRatio {
  const { aim, figure, limit, name, numerator, scenario } = rule;
  const rowOf = (contender: string, where = scenario): ResultRow | undefined =>
    rows.find((row) => row.contender === contender && row.scenario === where);
  const [denominator = rule.denominators[0] ?? ''] = rule.denominators
    .filter((each) => typeof rowOf(each)?.[figure] === 'number')
    .toSorted((one, two) => (rowOf(one)?.[figure] ?? 0) - (rowOf(two)?.[figure] ?? 0));
  const [above, below] = [rowOf(numerator), rowOf(denominator)];
  const own = quotients(above, below, figure);
  const { against } = rule;
  const base =
    against === undefined
      ? null
      : quotients(rowOf(numerator, against), rowOf(denominator, against), figure);
  const ratios =
    base === null
      ? own
      : own.flatMap((each, round) => {
          const other = base[round];
          return other === undefined ? [] : [each / other];
        });
  const names = { scenario, name, figure, numerator, denominator, limit, aim };
  if (ratios.length === 0) {
    return { ...names, median: null, least: null, most: null, ofMedians: null, isMet: null };
  }
  const middle = median(ratios);
  const [least, most] = spread(ratios);
  const isWithinSlack =
    rule.slackMs !== undefined && (above?.p99Ms ?? NaN) - (below?.p99Ms ?? NaN) <= rule.slackMs;
  const ofMedians = base === null ? (above?.[figure] ?? NaN) / (below?.[figure] ?? NaN) : null;
  // The slowest of a hundred differ from round to round by more than the two do: their medians are compared.
  const judgedBy = figure === 'p99Ms' ? (ofMedians ?? middle) : middle;
  const isSeen = rule.slackMs === undefined || [above, below].every(hadTime);
  const isMet = limit === null || !isSeen ? null : judgedBy <= limit || isWithinSlack;
  return { ...names, median: middle, least, most, ofMedians, isMet };
}

/** Where the load had no time of its own, or answers took longer than it counts, its queue is what was timed. */
function hadTime(row: ResultRow | undefined): boolean {
  const rounds = row?.rounds ?? [];
  const p99s = rounds.map(({ p99Ms }) => p99Ms ?? latencyMsMax);
  const shares = rounds.map(({ loadCoreShare }) => loadCoreShare ?? 0);
  return p99s.every((ms) => ms < latencyMsMax) && shares.every((share) => share < loadShareMax);
}

/** What the rows say about each rule whose scenario was run, and whose contenders were asked for. */
export function ratiosOf(rows: readonly ResultRow[]): ResultRatio[] {
  const wasAsked = (scenario: string, contender: string): boolean =>
    rows.some((row) => row.scenario === scenario && row.contender === contender);
  return ratioRules
    .filter(
      ({ denominators, numerator, scenario }) =>
        wasAsked(scenario, numerator) && denominators.some((each) => wasAsked(scenario, each)),
    )
    .map((rule) => judged(rule, rows));
}
