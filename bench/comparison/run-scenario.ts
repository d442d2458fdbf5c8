import { spawnSync } from 'node:child_process';
import type { Progress } from '../command/progress.ts';
import { kindOf } from '../contenders/catalogue.ts';
import type { ContenderKind } from '../contenders/contender-kind.ts';
import type { LoadProtocol } from '../load/load-job.ts';
import type { Contender } from './contender.ts';
import { passOrder } from './pass-order.ts';
import { type Problems, runRounds, type Samples } from './rounds.ts';
import type { Scenario } from './scenario.ts';
import { acceptedId, ScenarioStage } from './scenario-stage.ts';
import { median } from './statistics.ts';

export interface RunOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly sessions: number;
  readonly directory: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What a scenario found out. */
export interface ScenarioFigures {
  readonly scenario: Scenario;
  /** In the order of the table, also those who are not here. */
  readonly kinds: readonly ContenderKind[];
  readonly samples: Samples;
  readonly problems: Problems;
  /** By contender: what installs it. */
  readonly missing: ReadonlyMap<string, string>;
  readonly configurations: ReadonlyMap<string, string>;
  /** Which program was the load. */
  readonly driver: string;
  readonly pinning: string;
}

/** Of them all a measurement is worth so much time beside its own. */
const pauseSeconds = 0.2;
const warmUpSeconds = 0.5;
/** Starting somebody, logging people in, checking the answers. */
const startSeconds = 1.8;
const firstWarmUpSecondsMax = 3;
/** Below this a core idles, and an idle core makes a request cost something else. */
export const busyShare = 0.9;

function firstWarmUpSeconds(seconds: number): number {
  return Math.min(firstWarmUpSecondsMax, 1.5 * seconds);
}

/** How long a contender takes, in seconds: the units of the progress. */
function startUnits(seconds: number): number {
  return startSeconds + firstWarmUpSeconds(seconds) + pauseSeconds;
}

function roundUnits(seconds: number, passes: number): number {
  return seconds + passes * (warmUpSeconds + pauseSeconds);
}

/** Whom all the others are compared with. */
const yardstick = 'portcullis';

/** By wrk, which is soon at work, a pass takes so long. */
const passSeconds = 2;

function passesOf(seconds: number, isByWrk: boolean): number {
  // wrk counts whole seconds.
  return isByWrk && seconds % passSeconds === 0 ? seconds / passSeconds : 1;
}

/** About how long a scenario will take, in seconds. */
export function plannedSeconds(
  ids: readonly string[],
  options: Pick<RunOptions, 'rounds' | 'seconds'>,
): number {
  const present = ids.filter((id) => kindOf(id).missing() === null);
  const { rounds, seconds } = options;
  const measurement = roundUnits(seconds, passesOf(seconds, hasWrk()));
  const inRound = passOrder(present, yardstick).length * measurement;
  return present.length * startUnits(seconds) + rounds * inRound;
}

let wrkFound: boolean | undefined;

function hasWrk(): boolean {
  // It ends with 1 when it has said its version.
  wrkFound ??= spawnSync('wrk', ['-v']).error === undefined;
  return wrkFound;
}

/**
 * Whether somebody waited for the load in the warm-up, and another load would wait less. With two workers load and
 * contenders share the cores, and everybody waits.
 */
function needsWrk(scenario: Scenario, warm: Samples): boolean {
  // On one connection everybody waits.
  const { connections, protocol, workers } = scenario;
  if (protocol !== 'http1' || connections === 1 || !hasWrk()) return false;
  if (workers > 1) return true;
  return [...warm.values()].flat().some(({ coreShare }) => coreShare < busyShare);
}

/**
 * The rate of half the load: the same for Portcullis and for NGINX, half of what the slower one can do. Whoever could not
 * keep up comes at half of what they can do themselves.
 */
function atHalfLoad(contender: Contender, full: Samples): Contender {
  const rateOf = (id: string): number =>
    median((full.get(id) ?? []).map(({ requestsPerSecond }) => requestsPerSecond));
  const compared = ['portcullis', 'nginx-plain'].map(rateOf).filter((rate) => rate > 0);
  const own = rateOf(contender.id);
  const rate = Math.floor(Math.min(...compared, own) / 2);
  return { ...contender, requestsPerSecond: rate };
}

/** A forged token is told by its cryptography: whoever asks the store about it can be flooded. */
function noteStoreCalls(samples: Samples, problems: Problems): void {
  for (const [id, rounds] of samples) {
    const calls = rounds.reduce((sum, { storeCalls }) => sum + (storeCalls ?? 0), 0);
    if (calls > 0 && id !== acceptedId) {
      problems.set(id, [`forged tokens caused ${calls} store calls`]);
    }
  }
}

/** Starts everybody, checks the answers, then times who answered right, round by round. */
export async function runScenario(
  scenario: Scenario,
  ids: readonly string[],
  options: RunOptions,
): Promise<ScenarioFigures> {
  const { directory, progress, rounds, seconds, sessions, signal } = options;
  const kinds = ids.map(kindOf);
  const missing = new Map(
    kinds.flatMap(({ id, missing: remedy }) => {
      const command = remedy();
      return command === null ? [] : [[id, command] as const];
    }),
  );
  const say = (text: string): void => progress.step(text, startSeconds);
  const present = ids.filter((id) => !missing.has(id));
  await using stage = await ScenarioStage.set({
    ...{ scenario, ids: present, directory, sessions, signal, say },
  });
  const { load, staged } = stage;
  const problems: Problems = new Map();
  for (const { contender, problems: found } of staged) {
    if (found.length > 0) problems.set(contender.id, found);
  }
  for (const [id, why] of stage.unable) problems.set(id, [`does not run here: ${why}`]);
  const contenders = staged.map(({ contender }) => contender);
  const shared = { load, connections: scenario.connections, progress, signal };
  const first = firstWarmUpSeconds(seconds);
  // The full load first, also where half of it will be timed: that is how it is known.
  const fullDriver: LoadProtocol = hasWrk() ? 'wrk' : 'http1';
  const full = contenders.map((each) =>
    scenario.isAtHalfLoad === true ? { ...each, protocol: fullDriver } : each,
  );
  const warm = await runRounds(full, problems, {
    ...{ ...shared, rounds: 1, warmUpSeconds: 0, seconds: first },
    ...{ label: `${scenario.name}: warm-up`, units: first + pauseSeconds },
  });
  const isByWrk = needsWrk(scenario, warm);
  const timed = contenders.map((each) => {
    if (isByWrk) return { ...each, protocol: 'wrk' as const };
    return scenario.isAtHalfLoad === true && warm.has(each.id) ? atHalfLoad(each, warm) : each;
  });
  const passes = passesOf(seconds, isByWrk);
  const samples = await runRounds(timed, problems, {
    ...{ ...shared, rounds, passes, yardstick, warmUpSeconds, seconds },
    ...{ label: `${scenario.name}: round`, units: roundUnits(seconds, passes) },
  });
  if (scenario.isForged === true) noteStoreCalls(samples, problems);
  const drivers = { http1: 'autocannon', wrk: 'wrk', http2: 'h2load' } as const;
  const { protocol } = scenario;
  return {
    ...{ scenario, kinds, samples, problems, missing },
    configurations: new Map(staged.map(({ configuration, kind }) => [kind.id, configuration])),
    driver: isByWrk
      ? 'wrk'
      : protocol === 'http1' || protocol === 'http2'
        ? drivers[protocol]
        : 'a driver of its own',
    pinning: stage.cores.explanation,
  };
}
