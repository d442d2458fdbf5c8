import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

// Loaded before a program (`--import`): writes down at its end which packages and which parts of Node it has loaded.

if (isMainThread) {
  const packages = new Set<string>();
  registerHooks({
    load: (url, context, next) => {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
      if (name !== undefined) packages.add(name);
      return next(url, context);
    },
  });
  process.on('exit', () => {
    const path = process.env['PORTCULLIS_TEST_LOADS'];
    if (path === undefined) return;
    // Deprecated and without a successor; the types have dropped it.
    const internals: unknown = Reflect.get(process, 'moduleLoadList');
    writeFileSync(path, JSON.stringify({ packages: [...packages], internals }));
  });
}
