#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { runCommandLine } from './commands/command-line.ts';
import { packageRoot } from './commands/package-root.ts';
import { quietSqlite } from './lib/quiet-sqlite.ts';

// Commands load what they need below. In a folder of our own: what lies in one for temporary files, anybody may have put
// there. Where it cannot be written, there is none. `npm start` names it to Node itself, so that this file is in it, too.
enableCompileCache(join(packageRoot(), 'node_modules', '.cache', 'portcullis'));

// `portcullis schema | head` is no error: who reads has had enough.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

quietSqlite();
const code = await runCommandLine(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
// A reader of a pipe may be slower than we are: what was printed goes out before the end.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  ),
);
process.exit(code);
