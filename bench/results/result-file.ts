import type { Machine } from '../comparison/machine.ts';

/** What one round measured. A figure that this scenario has not, or that could not be read, is null. */
export interface RoundSample {
  /** User and system time of the whole process tree, from the kernel's accounting. */
  readonly cpuMicrosPerRequest: number | null;
  /** The system time of it: what the kernel did for them. Older results do not have it. */
  readonly kernelMicrosPerRequest?: number | null;
  readonly requestsPerSecond: number | null;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  readonly p999Ms: number | null;
  /** Of the whole process tree, at the end of the round. */
  readonly rssMiB: number | null;
  /** False: its core idled for more than a tenth of the time, which changes what a request costs. */
  readonly wasBusy: boolean;
  /** How much of one core it used; 1 is a full one. */
  readonly coreShare: number | null;
  /** How busy the core of load and upstream was; where nobody is pinned, all cores together (null in older results). */
  readonly loadCoreShare: number | null;
}

/** Medians over the rounds. Whoever could not be measured has nulls, no rounds, and a note that says why. */
export interface ResultRow {
  /** `small-get`, `post-4k`, …; `small-get` is the headline. */
  readonly scenario: string;
  /** `portcullis`, `nginx-plain`, …; the same name in every scenario. */
  readonly contender: string;
  /** For people. */
  readonly title: string;
  readonly connections: number | null;
  readonly cpuMicrosPerRequest: number | null;
  readonly requestsPerSecond: number | null;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  readonly p999Ms: number | null;
  readonly rssMiB: number | null;
  /** The n-th rounds of all contenders of a scenario belong together. */
  readonly rounds: readonly RoundSample[];
  /** What one has to know to read the row: stale answers, no authentication, not installed; null for nothing. */
  readonly note: string | null;
}

/** One figure of two contenders, divided round by round. */
export interface ResultRatio {
  readonly scenario: string;
  /** For people: `Portcullis ÷ NGINX with auth_request`. */
  readonly name: string;
  readonly figure: 'cpuMicrosPerRequest' | 'p99Ms';
  readonly numerator: string;
  readonly denominator: string;
  /** Null where one of the two was not measured. */
  readonly median: number | null;
  readonly least: number | null;
  readonly most: number | null;
  /** The quotient of the two rows' medians, not paired; null where it is compared with that of another scenario. */
  readonly ofMedians: number | null;
  /** Must hold; null: told, not bounded. */
  readonly limit: number | null;
  readonly aim: number | null;
  /** Null where it was not measured or has no limit. */
  readonly isMet: boolean | null;
}

/** Somebody who is not installed here. */
export interface MissingContender {
  readonly contender: string;
  readonly title: string;
  /** What installs it: `apt-get install haproxy`. */
  readonly command: string;
}

export interface BenchSettings {
  readonly rounds: number;
  readonly seconds: number;
  readonly sessions: number;
  readonly scenarios: readonly string[];
  readonly only: readonly string[];
  /** Which core everybody was on. */
  readonly pinning: string;
  /** By scenario: the program that was the load. */
  readonly drivers: Readonly<Record<string, string>>;
}

/** Figures of other measurements that belong into a report; each is what its own command writes. */
export interface ExtraFigures {
  readonly coherence?: unknown;
  readonly storm?: unknown;
  readonly memory?: unknown;
  readonly startUp?: unknown;
  readonly systemCalls?: unknown;
}

/** What `npm run bench -- --json FILE` writes. */
export interface BenchResult {
  readonly machine: Machine;
  readonly commit: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly settings: BenchSettings;
  /** By program: `nginx`, `haproxy`, `node`, … */
  readonly versions: Readonly<Record<string, string>>;
  /** By contender: the text of its configuration or program, secrets and users left out. */
  readonly configurations: Readonly<Record<string, string>>;
  readonly rows: readonly ResultRow[];
  readonly ratios: readonly ResultRatio[];
  readonly missing: readonly MissingContender[];
  readonly extra: ExtraFigures;
}
