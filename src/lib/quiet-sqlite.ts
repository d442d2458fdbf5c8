/** What Node 24 says once in each process and thread that loads `node:sqlite`. */
const isKnown = ({ message, name }: Error): boolean =>
  name === 'ExperimentalWarning' && message.startsWith('SQLite ');

/**
 * Keeps the one warning away that says nothing new: Node 24 calls its SQLite experimental, the package is tested on it,
 * and standard error is for lines of the log. All other warnings are written as Node writes them. Threads begin with
 * `quietThread` instead: they load everything before a line of theirs runs.
 */
export function quietSqlite(): void {
  const usual = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (isKnown(warning)) return;
    for (const listener of usual) listener.call(process, warning);
  });
}

/** Of a thread that uses SQLite. */
export const quietThread: readonly string[] = ['--disable-warning=ExperimentalWarning'];
