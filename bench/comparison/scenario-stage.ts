import { join } from 'node:path';
import { kindOf } from '../contenders/catalogue.ts';
import type { ContenderKind, StartedContender } from '../contenders/contender-kind.ts';
import { MintedSessions } from '../contenders/minted-sessions.ts';
import type { Stand } from '../contenders/stand.ts';
import { makeBenchCertificate } from '../processes/bench-certificate.ts';
import { type CorePlan, noCores, planCores } from '../processes/core-plan.ts';
import { freePorts } from '../processes/free-ports.ts';
import { LoadProcess } from '../processes/load-process.ts';
import { until } from '../processes/until.ts';
import { startUpstream } from '../processes/upstream-process.ts';
import {
  checkDescribing,
  checkForwarding,
  checkTimedRequest,
  checkValidate,
} from './answer-check.ts';
import type { Contender } from './contender.ts';
import { forgedCookies } from './forged-cookies.ts';
import type { Scenario } from './scenario.ts';

const echoUpstream = join(import.meta.dirname, '../websockets/echo-main.ts');

/** So many that no cache of refusals could hold the answer ready. */
const forgedCookiesMax = 20_000;

/** What a refusal is compared with in a flood: its tokens are real. */
export const acceptedId = 'portcullis-accepted';

export interface StageOptions {
  readonly scenario: Scenario;
  /** Names of contenders; whoever is not installed is left out by whoever asks. */
  readonly ids: readonly string[];
  /** For configurations and logs. */
  readonly directory: string;
  readonly sessions: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Somebody who runs, and what was found out about their answers. */
export interface StagedContender {
  readonly kind: ContenderKind;
  readonly contender: Contender;
  readonly configuration: string;
  readonly problems: readonly string[];
}

/** Everything that runs during a scenario: the contenders, each a process tree of its own, the upstream and the load. */
export class ScenarioStage implements AsyncDisposable {
  readonly cores: CorePlan;
  readonly load: LoadProcess;
  readonly staged: readonly StagedContender[];
  /** Who did not start or did not answer at all, and what they said. */
  readonly unable: ReadonlyMap<string, string>;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<ScenarioStage, 'cores' | 'load' | 'staged' | 'unable'>,
    resources: AsyncDisposableStack,
  ) {
    this.cores = parts.cores;
    this.load = parts.load;
    this.staged = parts.staged;
    this.unable = parts.unable;
    this.#resources = resources;
  }

  static async set(options: StageOptions): Promise<ScenarioStage> {
    await using resources = new AsyncDisposableStack();
    const { directory, ids, scenario, sessions, signal } = options;
    const cores = scenario.workers > 1 ? noCores('two workers each on all cores') : planCores();
    const [upstreamPort = 0] = await freePorts(1);
    const upstream = await startUpstream({
      port: upstreamPort,
      core: cores.upstream,
      directory,
      ...(scenario.protocol === 'websocket' && { mainFile: echoUpstream }),
    });
    resources.use(upstream);
    const load = resources.use(new LoadProcess({ core: cores.load, directory }));
    const stand: Stand = {
      ...{ scenario, directory, signal, upstreamPort, sessionCount: sessions },
      ...{ core: cores.contender, otherCore: cores.upstream },
      certificate: scenario.isSecure ? makeBenchCertificate(directory) : null,
      minted: new MintedSessions(sessions),
    };
    const staged: StagedContender[] = [];
    const unable = new Map<string, string>();
    for (const id of ids) {
      signal.throwIfAborted();
      const kind = kindOf(id);
      options.say(`${scenario.name}: starting ${kind.title}`);
      try {
        // It heeds the signal itself: nobody may start a process that we no longer wait for.
        const started = await kind.start(stand, resources);
        staged.push(await until(check(kind, started, scenario), signal));
      } catch (error) {
        signal.throwIfAborted();
        unable.set(id, error instanceof Error ? error.message : String(error));
      }
    }
    return new ScenarioStage({ cores, load, staged, unable }, resources.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

function contenderOf(
  kind: ContenderKind,
  started: StartedContender,
  scenario: Scenario,
): Contender {
  const { bodyBytes, isForged = false } = scenario;
  const { endedCookie, pids, port, sessions, storeCalls } = started;
  const isFlood = isForged && kind.id !== acceptedId;
  const isValidate = kind.duty === 'validates';
  return {
    ...{ id: kind.id, title: kind.title, port, pids, storeCalls },
    path: started.path ?? scenario.path,
    isSecure: scenario.isSecure && !isValidate,
    protocol: scenario.protocol,
    cookies: isFlood
      ? forgedCookies(endedCookie, forgedCookiesMax)
      : sessions.map(({ cookie }) => cookie),
    expectedStatus: isFlood ? kind.refusedStatus : scenario.protocol === 'websocket' ? 101 : 200,
    ...(bodyBytes !== undefined && !isValidate && { bodyBytes }),
  };
}

/** What is wrong with the answers of a contender: nothing, if it may be timed. */
async function check(
  kind: ContenderKind,
  started: StartedContender,
  scenario: Scenario,
): Promise<StagedContender> {
  const contender = contenderOf(kind, started, scenario);
  const { configuration, endedCookie } = started;
  const [session] = started.sessions;
  const problems: string[] = [];
  // An echo cannot show what it was sent, and messages are compared while they are timed.
  if (scenario.protocol !== 'websocket' && session !== undefined) {
    const [forgedCookie = ''] = forgedCookies(endedCookie, 1);
    const { refusedStatus } = kind;
    const input = { contender, session, endedCookie, forgedCookie, refusedStatus };
    if (kind.duty === 'authenticates') problems.push(...(await checkForwarding(input)));
    if (kind.duty === 'describes') problems.push(...(await checkDescribing(input)));
    if (kind.duty === 'validates') problems.push(...(await checkValidate(input)));
    problems.push(...(await checkTimedRequest(contender)));
  }
  return { kind, contender, configuration, problems };
}
