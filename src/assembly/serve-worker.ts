import { readControlOrder } from '../admin/control-order.ts';
import { loadConfig } from '../config/load.ts';
import { withSnapshot } from '../config/read.ts';
import { systemClock } from '../lib/clock.ts';
import { readDescriptorLimit } from '../lifecycle/descriptor-limit.ts';
import { idleDrainMsOf } from '../lifecycle/idle-drain.ts';
import { Lifecycle } from '../lifecycle/phase.ts';
import { Services, type DrainOrder } from '../lifecycle/service.ts';
import { errorFields } from '../observability/error-fields.ts';
import { FileLineSink } from '../observability/line-sink.ts';
import { createLog, type Log } from '../observability/log.ts';
import { unknownHere } from './ask-workers.ts';
import { answerForConsole } from './console-link.ts';
import type { PrimaryLink } from './primary-link.ts';
import { createWorker, type Worker } from './worker.ts';

const STANDARD_ERROR = 2;

/**
 * One worker of a primary, to its end; gives the exit code. It ends when it is told to retire, and when the primary is
 * gone: nobody would tell it then, and the next start needs the port.
 */
export async function serveWorker(
  link: PrimaryLink,
  version: string,
  failureOf: (error: unknown) => { readonly exitCode: number; readonly text: string } | null,
): Promise<number> {
  const { place, plan } = await link.begun;
  let sink: FileLineSink | null = null;
  try {
    const config = withSnapshot(plan.files, () => loadConfig(plan.configPath));
    sink = new FileLineSink(STANDARD_ERROR, true);
    const log = createLog(config.log, sink, systemClock, { worker: place });
    const lifecycle = new Lifecycle((phase) => log.debug(`worker.${phase}`));
    const worker = await createWorker({
      config,
      log,
      logSink: sink,
      lifecycle,
      version,
      descriptorLimit: await readDescriptorLimit(),
      seat: link,
    });
    link.onReopenLogs = worker.reopenLogs;
    await live({ worker, lifecycle, log, link, drainTimeoutMs: config.drainTimeoutMs });
    return 0;
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    await link.say({ kind: 'failed', ...failure });
    return failure.exitCode;
  } finally {
    await sink?.stop();
  }
}

async function live(parts: {
  readonly worker: Worker;
  readonly lifecycle: Lifecycle;
  readonly log: Log;
  readonly link: PrimaryLink;
  readonly drainTimeoutMs: number;
}): Promise<void> {
  const { drainTimeoutMs, lifecycle, link, log, worker } = parts;
  const services = new Services(worker.services, (error) =>
    log.error('service.failed', errorFields(error)),
  );
  link.answer('readiness', () => worker.readiness.report());
  link.answer('metrics', () => worker.metrics?.values() ?? []);
  link.answer('upstreams', () => worker.upstreams());
  link.answer('sessions', (body) => {
    const order = readControlOrder(body);
    switch (order?.deed) {
      case 'list':
      case 'revoke':
      case 'page':
      case 'revokeEverybody':
        return worker.deeds.perform(order);
      default:
        return null;
    }
  });
  link.answer('explain', async (body) => {
    const order = readControlOrder(body);
    if (order?.deed === 'explainRecent') {
      return (await worker.explainRecent(order)) ?? unknownHere;
    }
    return order?.deed === 'explain' ? worker.explain(order) : null;
  });
  link.answer('bans', (body) => {
    const order = readControlOrder(body);
    return order?.deed === 'bans' || order?.deed === 'clearBans'
      ? worker.bans.perform(order)
      : null;
  });
  answerForConsole(link, worker.desk, log);
  await services.start();
  lifecycle.enter('ready');
  await link.say({ kind: 'ready' });
  let order = await Promise.race([
    link.retirement,
    link.lost.then(() => orphanOrder(drainTimeoutMs, log)),
    ownSignal(drainTimeoutMs, log),
  ]);
  lifecycle.enter('draining');
  // While sockets stay for as long as they like, a stricter order may come.
  for (;;) {
    const drained = services.drain(order);
    const next: DrainOrder | null = await Promise.race([
      drained.then(() => null),
      link.stricter(order),
      ...(order.keptRoutes === null
        ? []
        : [link.lost.then(() => orphanOrder(drainTimeoutMs, log))]),
    ]);
    if (next === null) break;
    order = next;
  }
  const metrics = await worker.metrics?.values();
  await services.stop();
  lifecycle.enter('stopped');
  await link.say({ kind: 'leaving', metrics: metrics ?? [] });
}

function orphanOrder(timeoutMs: number, log: Log): DrainOrder {
  log.warn('worker.orphaned', { detail: 'the primary is gone; this worker finishes and ends' });
  return { timeoutMs, idleMs: idleDrainMsOf(timeoutMs), keptRoutes: null };
}

/** A worker that is told so itself goes, and the primary puts another one in its place. */
function ownSignal(timeoutMs: number, log: Log): Promise<DrainOrder> {
  return new Promise((resolve) => {
    process.once('SIGTERM', (signal) => {
      log.info('worker.signal', { signal });
      resolve({ timeoutMs, idleMs: idleDrainMsOf(timeoutMs), keptRoutes: null });
    });
  });
}
