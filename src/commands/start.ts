import { createWorker } from '../assembly/worker.ts';
import { ConfigProblems } from '../config/config-problems.ts';
import { ConfigUnreadable } from '../config/config-unreadable.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { systemClock } from '../lib/clock.ts';
import { readDescriptorLimit } from '../lifecycle/descriptor-limit.ts';
import { Lifecycle } from '../lifecycle/phase.ts';
import { ServiceError, Services, type Service } from '../lifecycle/service.ts';
import { waitForSignals } from '../lifecycle/signals.ts';
import { errorFields } from '../observability/error-fields.ts';
import { FileLineSink } from '../observability/line-sink.ts';
import { createLog, type Log } from '../observability/log.ts';
import { DirectoryConfigError } from '../users/directory-config-error.ts';
import { configPathFrom, readArguments } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';
import { packageVersion } from './package-root.ts';

const STANDARD_ERROR = 2;

export const start: Command = {
  name: 'start',
  summary: 'Run the gateway',
  help: `Usage: portcullis start [--config FILE]

Runs the gateway in the foreground until it is told to end.

SIGTERM or SIGINT drains: nothing new is taken, what is under way is finished,
for at most \`drainTimeout\`; the exit code is then 0. A second one ends at once.

Options:
  --config FILE    the file (default: $PORTCULLIS_CONFIG, else the shipped one)
  --help           show this text
  --version        show the version

Exit codes: 0 ended in order, 1 it could not start or stop, 2 the configuration
has problems, or wrong use, 143 or 130 ended by a second signal.
`,
  run,
};

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const read = readArguments(args, ['config']);
  if (read.kind === 'wrong') {
    io.err(`portcullis start ${read.sentence}\n`);
    return 2;
  }
  try {
    return await serve(loadConfig(configPathFrom(read.values)));
  } catch (error) {
    if (error instanceof ConfigProblems) {
      io.err(error.format());
      return 2;
    }
    if (error instanceof DirectoryConfigError) {
      io.err(error.problems.map((problem) => `${problem}\n`).join(''));
      return 2;
    }
    if (error instanceof ConfigUnreadable) io.err(`portcullis start: ${error.message}\n`);
    else if (error instanceof ServiceError) io.err(`${sentenceOf(error)}\n`);
    else throw error;
    return 1;
  }
}

/** A cause that is a sentence of ours says it better than the chain around it. */
function sentenceOf(error: ServiceError): string {
  return error.cause instanceof Error && error.cause.cause !== undefined
    ? error.cause.message
    : `portcullis start: ${error.message}.`;
}

async function serve(config: Config): Promise<number> {
  const sink = new FileLineSink(STANDARD_ERROR);
  const log = createLog(config.log, sink, systemClock);
  const lifecycle = new Lifecycle((phase) => log.info(`gateway.${phase}`));
  for (const warning of config.warnings) log.warn('config.warning', { detail: warning });
  try {
    const services = createWorker({
      config,
      log,
      logSink: sink,
      lifecycle,
      version: packageVersion(),
      descriptorLimit: await readDescriptorLimit(),
    });
    return await live(services, config, lifecycle, log);
  } finally {
    await sink.stop();
  }
}

/** From the first service to the last signal. */
async function live(
  parts: readonly Service[],
  config: Config,
  lifecycle: Lifecycle,
  log: Log,
): Promise<number> {
  const services = new Services(parts, (error) => log.error('service.failed', errorFields(error)));
  const ended = waitForSignals(process, async (signal) => {
    log.info('gateway.signal', { signal });
    if (lifecycle.phase === 'ready') {
      lifecycle.enter('draining');
      const result = await services.drain(config.drainTimeoutMs);
      log.info('gateway.drained', { result });
    }
    await services.stop();
    lifecycle.enter('stopped');
  });
  try {
    await services.start();
  } catch (error) {
    if (lifecycle.phase !== 'stopped') lifecycle.enter('stopped');
    throw error;
  }
  lifecycle.enter('ready');
  return ended;
}
