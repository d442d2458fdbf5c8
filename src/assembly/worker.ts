import type { ControlAnswer, ExplainingOrder, RecentOrder } from '../admin/control-order.ts';
import { Readiness, type ReadinessCheck } from '../admin/readiness.ts';
import { SessionDeeds } from '../admin/session-deeds.ts';
import { upstreamsReport, type UpstreamsReport } from '../admin/upstreams-report.ts';
import { systemClock } from '../lib/clock.ts';
import { keepStringsQuick } from '../lib/quick-strings.ts';
import type { Service } from '../lifecycle/service.ts';
import { StartRemains } from '../lifecycle/start-remains.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { Figure } from '../observability/figure.ts';
import type { ProcessMetrics } from '../observability/prometheus.ts';
import { createAdmin } from './admin.ts';
import { configFigures } from './config-figures.ts';
import { consoleHere, createConsole, type WorkerConsole } from './console.ts';
import { figuresOf } from './figures.ts';
import { BanDeeds } from './ban-deeds.ts';
import { performExplaining, performRecent } from './explaining.ts';
import { createListener, type BoundListener } from './listener.ts';
import { MetricsOnDemand } from './metrics-on-demand.ts';
import { sharedServices } from './shared-services.ts';
import { createShared, type Shared, type WorkerParts } from './shared.ts';

/** One gateway process. */
export interface Worker {
  /** In the order in which they start. */
  readonly services: readonly Service[];
  readonly readiness: Readiness;
  /** Null: nobody looks at them. */
  readonly metrics: ProcessMetrics | null;
  readonly deeds: SessionDeeds;
  readonly bans: BanDeeds;
  /** Goes on in the files that have the paths of the logs now. */
  readonly reopenLogs: () => void;
  readonly explain: (order: ExplainingOrder) => Promise<ControlAnswer>;
  /** Null: another worker may remember it. */
  readonly explainRecent: (order: RecentOrder) => Promise<ControlAnswer | null>;
  /** What is known of the servers behind. */
  readonly upstreams: () => UpstreamsReport;
  readonly desk: WorkerConsole;
}

/**
 * Out of its configuration. Rejects where that cannot be built after all (an access log that cannot be opened, a hash that
 * no login would compute).
 */
export async function createWorker(parts: WorkerParts): Promise<Worker> {
  const shared = await createShared(parts);
  const { sessions, upstreams } = shared;
  const { admin } = parts.config;
  const listeners = await Promise.all(
    parts.config.listeners.map((listener) => createListener(listener, shared)),
  );
  const readiness = new Readiness(parts.lifecycle, [
    ...auditChecks(shared),
    ...coherenceChecks(shared),
  ]);
  const metrics = admin === null ? null : new MetricsOnDemand(processFigures(shared, listeners));
  const report = (): UpstreamsReport =>
    upstreamsReport([...upstreams.values()].map((one) => one.target.group));
  const desk = createConsole(shared, listeners);
  const here = parts.seat === null ? consoleHere(desk, report, parts) : null;
  const services: Service[] = [
    ...sharedServices(shared),
    // Of a worker of a primary it is the primary that has the port.
    ...(admin === null || metrics === null || parts.seat !== null
      ? []
      : [
          createAdmin({
            config: admin,
            readiness,
            metrics,
            log: parts.log,
            upstreams: report,
            desk: here?.port ?? null,
          }),
        ]),
    ...desk.services,
    ...(here === null || admin === null ? [] : [here.service]),
    // Whatever libraries did while they were loaded.
    { name: 'strings', start: keepStringsQuick },
    ...listeners.map(({ service }) => service),
    new StartRemains(),
  ];
  const deeds = new SessionDeeds(sessions, parts.config.login.directories, shared.audit);
  const bans = new BanDeeds({ ...shared, log: parts.log });
  const reopenLogs = (): void => reopenFiles(shared);
  const explain: Worker['explain'] = (order) => performExplaining(shared, order);
  const explainRecent: Worker['explainRecent'] = (order) => performRecent(shared, order);
  return {
    ...{ services, readiness, metrics, deeds, bans, explain, explainRecent, reopenLogs },
    ...{ upstreams: report, desk },
  };
}

function reopenFiles({ accessLog, audit, parts: { log } }: Shared): void {
  let areAllOpen = true;
  for (const [name, file] of Object.entries({ access: accessLog, audit })) {
    try {
      file.reopen();
    } catch (error) {
      // It goes on in the file that it has.
      areAllOpen = false;
      log.error('logs.not_reopened', { log: name, ...errorFields(error) });
    }
  }
  if (areAllOpen) log.info('logs.reopened');
}

/** Of a process that does everything also what a primary would say. */
function processFigures(shared: Shared, listeners: readonly BoundListener[]): readonly Figure[] {
  const own = figuresOf(shared, listeners);
  if (shared.parts.seat !== null) return own;
  const taken = { isConfigTaken: true, takenAtMs: systemClock.now(), generation: 1 };
  return [...own, ...configFigures({ ...taken, replacements: { done: 0, refused: 0 } })];
}

/** A node that may let nobody in is not ready for people; one that only loses lines says so. */
function auditChecks({ audit, parts }: Shared): readonly ReadinessCheck[] {
  if (!parts.config.audit.isEnabled) return [];
  return [{ name: 'audit', isOk: () => !audit.isFailing, isVital: audit.isRequired }];
}

/** Whether requests could be decided: a worker that cannot ask the store is no place to send them to. */
function coherenceChecks({ store }: Shared): readonly ReadinessCheck[] {
  const { findings, follower, isReachable } = store;
  if (follower === null) return [];
  return [
    {
      name: 'store',
      isOk: () => isReachable?.() !== false,
      state: () => {
        if (isReachable?.() === false) return 'unreachable';
        // It serves, and somebody should look at it.
        return findings?.().length ? 'unsafe' : 'ok';
      },
    },
    {
      name: 'coherence',
      isOk: () => follower.state === 'coherent' || follower.state === 'suspect',
      state: () => follower.state,
    },
  ];
}
