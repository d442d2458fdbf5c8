import { PrimaryLink } from '../assembly/primary-link.ts';
import { serveWorker } from '../assembly/serve-worker.ts';
import type { Command, CommandOutput } from './command.ts';
import { packageVersion } from './package-root.ts';
import { startFailureOf } from './start-failure.ts';

/** What `portcullis start` starts; nobody else does. */
export const worker: Command = {
  name: 'worker',
  summary: 'A worker of `portcullis start`',
  help: 'A worker process. `portcullis start` starts it where `workers` is not 1.\n',
  run,
};

async function run(_args: readonly string[], io: CommandOutput): Promise<number> {
  if (process.send === undefined) {
    io.err('portcullis worker: only `portcullis start` starts workers\n');
    return 2;
  }
  // A terminal sends these to the whole group; what is to be done about them the primary says.
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
  const link = new PrimaryLink(process);
  // Service managers send it to everybody.
  process.on('SIGUSR2', () => link.onReopenLogs());
  process.on('uncaughtExceptionMonitor', (error) => {
    void link.say({ kind: 'crashing', reason: `${error.name}: ${error.message}` });
  });
  return await serveWorker(link, packageVersion(), startFailureOf);
}
