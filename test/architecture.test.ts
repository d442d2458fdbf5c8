import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inspectHouse, type HouseRules } from './support/source-house.ts';

const rules: HouseRules = {
  mayImport: {
    lib: [],
    identity: ['lib'],
    config: ['lib'],
    observability: ['lib', 'config'],
    lifecycle: ['lib', 'config', 'observability'],
    http: ['lib'],
    upstream: ['lib', 'config', 'observability', 'http'],
    wire: ['lib', 'config', 'observability', 'http'],
    tokens: ['lib', 'config'],
    passwords: ['lib', 'config', 'observability'],
    users: ['lib', 'config', 'observability', 'identity', 'tokens', 'passwords'],
    session: ['lib', 'config', 'observability', 'identity', 'tokens'],
    coherence: ['lib', 'config', 'observability', 'session'],
    keyval: ['lib', 'config', 'observability', 'tokens', 'session', 'coherence'],
    gateway: [
      ...['lib', 'config', 'observability', 'identity', 'http', 'wire', 'upstream'],
      ...['tokens', 'session', 'keyval'],
    ],
    pages: ['lib', 'config', 'http'],
    endpoints: [
      ...['lib', 'config', 'observability', 'identity', 'http', 'tokens', 'users', 'session'],
      'keyval',
      'pages',
    ],
    doctor: ['lib', 'config', 'observability', 'wire', 'tokens', 'users', 'session'],
    admin: [
      ...['lib', 'config', 'observability', 'lifecycle', 'identity', 'http', 'session', 'upstream'],
      'pages',
    ],
    console: [
      ...['lib', 'config', 'identity', 'http', 'session', 'pages'],
      ...['endpoints', 'admin'],
    ],
  },
  composers: ['assembly', 'commands', 'main.ts'],
  homeOf: {
    'process.env': 'config/read.ts',
    'process.exit': 'main.ts',
    'Date.now': 'lib/clock.ts',
    'Math.random': null,
    console: null,
  },
  // Lenient parsing reads what our own codec refuses.
  safeOptions: { insecureHTTPParser: false, rejectUnauthorized: true },
  // Client certificates may be optional, and `verify: false` is warned of.
  openOptions: [
    'session/redis-connect.ts rejectUnauthorized',
    'wire/secure-door.ts rejectUnauthorized',
    'wire/upstream-tls.ts rejectUnauthorized',
  ],
  fileLinesMax: 300,
  functionLinesMax: 70,
};

const sources = fileURLToPath(new URL('../src', import.meta.url));

describe('the house', () => {
  it('keeps to its import table, its sizes and its one-file globals', async () => {
    const { files, findings } = await inspectHouse(sources, rules);
    expect(findings).toEqual([]);
    // A walk that found nothing would be as green.
    expect(files).toBeGreaterThan(40);
  });
});

/** A tree of sources in a folder of its own. */
async function plant(
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'portcullis-house-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return {
    root,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

describe('the inspection of the house', () => {
  it.each([
    ['a value', `import { pipeline } from '../gateway/pipeline.ts';`],
    ['a type', `import type { Exchange } from '../gateway/exchange.ts';`],
    ['a re-export', `export * from '../gateway/exchange.ts';`],
    ['a dynamic import', `export const later = () => import('../gateway/exchange.ts');`],
    ['a type in place', `export type Later = import('../gateway/exchange.ts').Exchange;`],
    ['a side effect', `import '../gateway/exchange.ts';`],
    ['a worker', `export const file = new URL('../gateway/exchange.ts', import.meta.url);`],
  ])('reports a forbidden import of %s', async (_kind, source) => {
    await using house = await plant({ 'http/planted.ts': source });
    const { findings } = await inspectHouse(house.root, rules);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(
      /^http\/planted\.ts: imports gateway\/\w+\.ts, and http may not import gateway$/,
    );
  });

  it('reports an import that only a run can tell', async () => {
    await using house = await plant({
      'lib/a.ts': 'export const load = (x: string) => import(x);',
    });
    const { findings } = await inspectHouse(house.root, rules);
    expect(findings).toEqual(['lib/a.ts: imports what only a run can tell']);
  });

  it('lets a folder import itself and what its row names, and composers everything', async () => {
    await using house = await plant({
      'http/a.ts': `import '../lib/b.ts'; import './c.ts'; import 'node:net';`,
      'commands/start.ts': `import '../gateway/pipeline.ts'; import '../admin/admin-server.ts';`,
      'main.ts': `import './commands/start.ts';`,
    });
    expect(await inspectHouse(house.root, rules)).toEqual({ files: 3, findings: [] });
  });

  it('reports a folder that is not in the table', async () => {
    await using house = await plant({ 'stuff/a.ts': 'export const a = 1;' });
    const { findings } = await inspectHouse(house.root, rules);
    expect(findings).toEqual(['stuff/a.ts: no row of the import table names stuff']);
  });

  it.each([
    ['process.env', `export const home = process.env['HOME'];`],
    ['process.env', `export const home = process?.env.HOME;`],
    ['process.exit', `process.exit(1);`],
    ['Date.now', `export const now = Date.now;`],
    ['Math.random', `export const dice = () => Math.random();`],
    ['console', `console.log('here');`],
  ])('reports %s outside its file', async (name, source) => {
    await using house = await plant({ 'lib/planted.ts': source });
    const { findings } = await inspectHouse(house.root, rules);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain(`lib/planted.ts: uses ${name}, which belongs to`);
  });

  it.each([
    '{ insecureHTTPParser: true }',
    `{ 'rejectUnauthorized': false }`,
    '{ rejectUnauthorized: unsafe }',
  ])('reports an option that switches a protection off: %s', async (options) => {
    await using house = await plant({
      'lib/planted.ts': `const unsafe = false; export const options = ${options};`,
    });
    const { findings } = await inspectHouse(house.root, rules);
    expect(findings).toEqual([
      expect.stringMatching(/^lib\/planted\.ts: sets \w+ to something else than/),
    ]);
  });

  it('takes no word in a comment or a string for a use', async () => {
    const source = `/** Date.now() */ export const text = 'process.env // console.log()';`;
    await using house = await plant({ 'lib/a.ts': source });
    expect((await inspectHouse(house.root, rules)).findings).toEqual([]);
  });

  it('counts lines of code, and neither blank lines nor comments', async () => {
    const noise = '// a comment\n\n/* and\nanother */\n';
    const lines = (count: number): string => `${noise}export const a = '//';\n`.repeat(count);
    await using house = await plant({ 'lib/ok.ts': lines(300), 'lib/long.ts': lines(301) });
    const { findings } = await inspectHouse(house.root, rules);
    expect(findings).toEqual(['lib/long.ts: 301 lines of code, more than 300']);
  });

  it('reports a function of more than 70 lines', async () => {
    const body = (count: number): string => `  work();\n`.repeat(count);
    await using house = await plant({
      'lib/a.ts': `export function fits() {\n${body(68)}}\nexport const grown = () => {\n${body(69)}};\n`,
    });
    const { findings } = await inspectHouse(house.root, rules);
    expect(findings).toEqual(['lib/a.ts: the function in line 71 has 71 lines, more than 70']);
  });
});
