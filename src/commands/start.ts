import { loadConfig } from '../config/load.ts';
import { newSnapshot, withSnapshot } from '../config/read.ts';
import { configPathFrom, readArguments } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';
import { packageVersion } from './package-root.ts';
import { startFailureOf } from './start-failure.ts';

export const start: Command = {
  name: 'start',
  summary: 'Run the gateway',
  help: `Usage: portcullis start [--config FILE]

Runs the gateway in the foreground until it is told to end.

SIGTERM or SIGINT drains: nothing new is taken, what is under way is finished,
for at most \`drainTimeout\`; the exit code is then 0. A second one ends at once.

With \`workers\` other than 1 a primary process keeps so many workers. SIGHUP, and
\`portcullis restart\`, read the configuration again and replace one worker after
the other; \`portcullis reload\` does so too, and leaves open what is open on
routes that have not changed. A configuration with problems changes nothing.

SIGUSR2 opens the files of the logs again: after they were moved away.

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
  // Until there are logs to be opened again it would end the process.
  process.on('SIGUSR2', () => {});
  try {
    const files = newSnapshot();
    const path = configPathFrom(read.values);
    const config = withSnapshot(files, () => loadConfig(path));
    const version = packageVersion();
    // Each loads what it needs and no more: a primary has no requests, who is alone has no workers.
    if (config.workers === 1) {
      const { serveAlone } = await import('../assembly/serve-alone.ts');
      return await serveAlone(config, version);
    }
    const { servePrimary } = await import('../assembly/serve-primary.ts');
    return await servePrimary({ config, files, version });
  } catch (error) {
    const failure = startFailureOf(error);
    if (failure === null) throw error;
    io.err(failure.text);
    return failure.exitCode;
  }
}
