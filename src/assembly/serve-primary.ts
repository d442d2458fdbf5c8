import { availableParallelism } from 'node:os';
import type { Config } from '../config/config.ts';
import type { FileSnapshot } from '../config/read.ts';
import { systemClock } from '../lib/clock.ts';
import { Lifecycle } from '../lifecycle/phase.ts';
import { Services, type Service } from '../lifecycle/service.ts';
import { waitForSignals } from '../lifecycle/signals.ts';
import { errorFields } from '../observability/error-fields.ts';
import { FileLineSink } from '../observability/line-sink.ts';
import { createLog, type Log } from '../observability/log.ts';
import { createMetrics } from '../observability/prometheus.ts';
import { createAdmin } from './admin.ts';
import { ConfigWatch } from './config-watch.ts';
import { createControl } from './control.ts';
import { crewConsole } from './crew-console.ts';
import { CrewMetrics } from './crew-metrics.ts';
import { CrewReadiness } from './crew-readiness.ts';
import { crewUpstreams } from './crew-upstreams.ts';
import { drainSelf } from './drain-self.ts';
import { performAtPrimary } from './primary-deeds.ts';
import { PrimaryBus } from './primary-bus.ts';
import { primaryFigures } from './primary-figures.ts';
import { Primary, type ReplacementKind } from './primary.ts';

const STANDARD_ERROR = 2;

/** A primary and its workers, to their end; gives the exit code. */
export async function servePrimary(parts: {
  readonly config: Config;
  readonly files: FileSnapshot;
  readonly version: string;
}): Promise<number> {
  const { config, files, version } = parts;
  const sink = new FileLineSink(STANDARD_ERROR, true);
  const log = createLog(config.log, sink, systemClock);
  const lifecycle = new Lifecycle((phase) => log.info(`gateway.${phase}`));
  for (const warning of config.warnings) log.warn('config.warning', { detail: warning });
  const size = config.workers === 'auto' ? availableParallelism() : config.workers;
  const bus = new PrimaryBus(config);
  let metrics: CrewMetrics | null = null;
  const primary: Primary = new Primary({
    config,
    files,
    size,
    log,
    events: {
      began: (worker) => bus.began(worker),
      broadcast: (from, message) => bus.broadcast(from, message),
      read: (read, taken) => watch.know(read, taken),
      leaving: (from, values) => metrics?.remember(from, values),
      ended: (worker) => {
        bus.ended(worker);
        void metrics?.ended(worker);
      },
    },
  });
  const silences = { all: 0, last: 0 };
  const own = createMetrics(primaryFigures(primary, version, sink, silences));
  metrics = new CrewMetrics(own, () => primary.crew.processes, silences);
  const watch = new ConfigWatch(config, files, () => {
    log.info('config.seen', { detail: 'the configuration, or a file that it names, has changed' });
    wish(primary, 'reload', log);
  });
  const readiness = new CrewReadiness(lifecycle, primary.crew, () => primary.isConfigTaken);
  const control = createControl(config, log, (order) =>
    performAtPrimary(primary, drainSelf, order),
  );
  const desk = crewConsole(primary.crew);
  const services: Service[] = [
    ...(control === null ? [] : [control]),
    { name: 'sockets', start: () => primary.bind(), stop: () => primary.unbind() },
    ...(config.admin === null
      ? []
      : [
          createAdmin({
            ...{ config: config.admin, readiness, metrics, log },
            upstreams: () => crewUpstreams(primary.crew),
            desk: desk.port,
          }),
          desk.service,
        ]),
    bus.service,
    crewService(primary),
    watch.service,
  ];
  const reopen = (): void => {
    for (const { link } of primary.crew.processes) link.send({ kind: 'reopenLogs' });
  };
  process.on('SIGUSR2', reopen);
  try {
    return await live(services, primary, lifecycle, log);
  } finally {
    process.off('SIGUSR2', reopen);
    await sink.stop();
  }
}

/** Nobody waits for what becomes of it. */
function wish(primary: Primary, kind: ReplacementKind, log: Log): void {
  primary.replace(kind).catch((error: unknown) => {
    log.error('config.failed', { kind, ...errorFields(error) });
  });
}

function crewService(primary: Primary): Service {
  return {
    name: 'workers',
    start: async () => {
      primary.tickets.start();
      await primary.start();
    },
    drain: async () => {
      primary.unbind();
      await primary.retire();
    },
    stop: () => {
      primary.tickets.stop();
      primary.crew.kill();
    },
  };
}

/** From the first service to the last signal. */
async function live(
  parts: readonly Service[],
  primary: Primary,
  lifecycle: Lifecycle,
  log: Log,
): Promise<number> {
  const services = new Services(parts, (error) => log.error('service.failed', errorFields(error)));
  const ended = waitForSignals(process, async (signal) => {
    log.info('gateway.signal', { signal });
    if (lifecycle.phase === 'ready') {
      lifecycle.enter('draining');
      // Each worker keeps the deadline itself, and is killed when it does not.
      await services.drain({ timeoutMs: LONGEST_MS, idleMs: 0, keptRoutes: null });
      log.info('gateway.drained');
    }
    await services.stop();
    lifecycle.enter('stopped');
  });
  const restart = (): void => wish(primary, 'restart', log);
  process.on('SIGHUP', restart);
  try {
    await services.start();
    lifecycle.enter('ready');
    const code = await ended;
    primary.crew.kill();
    return code;
  } catch (error) {
    primary.crew.kill();
    if (lifecycle.phase !== 'stopped') lifecycle.enter('stopped');
    throw error;
  } finally {
    process.off('SIGHUP', restart);
  }
}

/** More than any drain. */
const LONGEST_MS = 2 ** 31 - 1;
