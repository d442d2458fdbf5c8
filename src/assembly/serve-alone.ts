import type { Config } from '../config/config.ts';
import { systemClock } from '../lib/clock.ts';
import { readDescriptorLimit } from '../lifecycle/descriptor-limit.ts';
import { Lifecycle } from '../lifecycle/phase.ts';
import { Services } from '../lifecycle/service.ts';
import { waitForSignals } from '../lifecycle/signals.ts';
import { errorFields } from '../observability/error-fields.ts';
import { FileLineSink } from '../observability/line-sink.ts';
import { createLog, type Log } from '../observability/log.ts';
import { createControl } from './control.ts';
import { drainSelf } from './drain-self.ts';
import { nobodyTakesOver, performAlone } from './lone-deeds.ts';
import { createWorker } from './worker.ts';

const STANDARD_ERROR = 2;

/** One process that does everything, to its end; gives the exit code. */
export async function serveAlone(config: Config, version: string): Promise<number> {
  const sink = new FileLineSink(STANDARD_ERROR);
  const log = createLog(config.log, sink, systemClock);
  const lifecycle = new Lifecycle((phase) => log.info(`gateway.${phase}`));
  for (const warning of config.warnings) log.warn('config.warning', { detail: warning });
  try {
    const worker = await createWorker({
      config,
      log,
      logSink: sink,
      lifecycle,
      version,
      descriptorLimit: await readDescriptorLimit(),
      seat: null,
    });
    const control = createControl(config, log, (order) =>
      performAlone(worker, lifecycle, drainSelf, order),
    );
    const services = new Services(
      [...(control === null ? [] : [control]), ...worker.services],
      (error) => log.error('service.failed', errorFields(error)),
    );
    process.on('SIGUSR2', worker.reopenLogs);
    try {
      return await live(services, config, lifecycle, log);
    } finally {
      process.off('SIGUSR2', worker.reopenLogs);
    }
  } finally {
    await sink.stop();
  }
}

/** From the first service to the last signal. */
async function live(
  services: Services,
  config: Config,
  lifecycle: Lifecycle,
  log: Log,
): Promise<number> {
  const ended = waitForSignals(process, async (signal) => {
    log.info('gateway.signal', { signal });
    if (lifecycle.phase === 'ready') {
      lifecycle.enter('draining');
      // Nobody takes over, so there is nothing to be won by waiting for who is idle.
      const order = { timeoutMs: config.drainTimeoutMs, idleMs: 0, keptRoutes: null };
      const result = await services.drain(order);
      log.info('gateway.drained', { result });
    }
    await services.stop();
    lifecycle.enter('stopped');
  });
  // Left alone it would end the process.
  const refuse = (): void =>
    log.warn('config.refused', { kind: 'restart', reason: nobodyTakesOver });
  process.on('SIGHUP', refuse);
  try {
    await services.start();
    lifecycle.enter('ready');
    return await ended;
  } catch (error) {
    if (lifecycle.phase !== 'stopped') lifecycle.enter('stopped');
    throw error;
  } finally {
    process.off('SIGHUP', refuse);
  }
}
