import { Progress } from '../command/progress.ts';
import { runLogins } from '../logins/run-logins.ts';
import type { ExtraFigures } from '../results/result-file.ts';
import { revocationSpreads } from '../revocation/revocation-spreads.ts';
import { revokeUnderLoad } from '../revocation/revoke-under-load.ts';
import { measureStarts } from '../start/measure-starts.ts';
import { countSystemCalls, straceMissing } from './system-calls.ts';

export interface ExtrasOptions {
  readonly directory: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** At a pace that leaves the machine time, for the figures; then at one that does not, for who is let in wrongly. */
const coherencePlan = {
  paces: [
    { revocations: 1_500, perSecond: 20 },
    { revocations: 6_000, perSecond: 100 },
  ],
  ...{ requestsPerSecond: 2_000, workers: 4, atOnce: 16 },
};
const stormSeconds = 30;
const counted = ['portcullis', 'nginx-plain', 'nginx-auth-request', 'haproxy-map', 'node-undici'];

const startPlan = { rounds: 3, idleMs: 6_000 };

const units = {
  coherence: coherencePlan.paces.reduce(
    (sum, { perSecond, revocations }) => sum + revocations / perSecond,
    20,
  ),
  storm: 30 + stormSeconds * 1.5,
  systemCalls: 8 * counted.length,
  startUp: (startPlan.rounds + 1) * (startPlan.idleMs / 1_000 + 1),
};

/** About how long all of it will take, in seconds. */
export const plannedExtraSeconds = Object.values(units).reduce((sum, one) => sum + one, 0);

/** NGINX Plus synchronises its key-value zones between nodes by default so often: what our figure stands beside. */
const nginxPlusSyncMs = 1_000;

/** A measurement that cannot be made here, for want of a server, is told as that. */
async function orReason(
  work: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<Readonly<{ figures: unknown }> | Readonly<{ missing: string }>> {
  try {
    return { figures: await work() };
  } catch (error) {
    signal.throwIfAborted();
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

/** What other commands measure at length, here as short as it says something. */
export async function measureExtras(options: ExtrasOptions): Promise<ExtraFigures> {
  const { directory, progress, signal } = options;
  progress.step('how soon the end of a session is known everywhere', units.coherence);
  const coherence = await orReason(async () => {
    const plan = { ...coherencePlan, directory, signal, progress: Progress.silent() };
    const spreads = revocationSpreads(await revokeUnderLoad(plan));
    const [measured] = spreads.paces;
    const { bareMs = null, sinceAnsweredMs = null, sinceSentMs = null } = measured ?? {};
    return { plan: coherencePlan, ...spreads, sinceSentMs, sinceAnsweredMs, bareMs };
  }, signal);
  progress.step('a storm of logins', units.storm);
  const storm = await orReason(async () => {
    const plan = { seconds: stormSeconds, loginsPerSecond: 200, requestsPerSecond: 1_000 };
    const passwords = { iterations: 1_200_000, threads: 2, queueTimeoutMs: 5_000 };
    const report = await runLogins({ ...plan, ...passwords, signal, say: () => {} });
    const { aloneMs, logins, quiet, storm: beside } = report;
    const { checkedMs, statuses, wrong } = logins;
    const slowestMs = checkedMs.at(-1) ?? null;
    const medianMs = checkedMs[Math.floor(checkedMs.length / 2)] ?? null;
    return { plan, aloneMs, quiet, storm: beside, statuses, wrong, medianMs, slowestMs };
  }, signal);
  progress.step('system calls', units.systemCalls);
  const systemCalls = await orReason(async () => {
    const obstacle = straceMissing();
    if (obstacle !== null) throw new Error(obstacle);
    return await countSystemCalls({
      ...{ ids: counted, seconds: 2, directory, signal, say: () => {} },
    });
  }, signal);
  progress.step('how a gateway starts', units.startUp);
  const startUp = await orReason(async () => {
    const plan = { ...startPlan, directory, signal, step: () => {}, redis: null };
    return { stores: [await measureStarts(plan)] };
  }, signal);
  return { startUp, coherence: { ...coherence, nginxPlusSyncMs }, storm, systemCalls };
}
