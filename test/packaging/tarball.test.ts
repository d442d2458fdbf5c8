import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import * as z from 'zod';
import { freePorts } from '../support/free-ports.ts';
import { projectRoot } from '../support/gateway.ts';
import { patientMs } from '../support/patience.ts';
import { waitFor } from '../support/wait-for.ts';

const run = promisify(execFile);
const quietly = ['--no-audit', '--no-fund'];
/** The first that has argon2, and what `engines` promises. */
const oldest = '24.7.0';

const packed = z.tuple([
  z.object({
    filename: z.string(),
    size: z.number(),
    unpackedSize: z.number(),
    files: z.array(z.object({ path: z.string() })),
  }),
]);

/** A folder that nobody has installed anything in. */
async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-package-'));
  // The runtime is a package with an installation script.
  const empty = { private: true, allowScripts: { node: true } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(empty));
  return folder;
}

const folders: string[] = [];
let tarball = '';
let size = 0;
let files: readonly string[] = [];
/** The folder of `node`, by version. */
const runtimes = new Map<string, string>();
let installed = '';

beforeAll(async () => {
  const folder = await emptyFolder();
  folders.push(folder);
  const args = ['pack', '--json', '--silent', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: projectRoot });
  const [archive] = packed.parse(JSON.parse(stdout.slice(stdout.indexOf('['))));
  tarball = join(folder, archive.filename);
  ({ size } = archive);
  files = archive.files.map(({ path }) => path);

  const other = await emptyFolder();
  folders.push(other);
  await run('npm', ['install', ...quietly, `node@${oldest}`], { cwd: other });
  runtimes.set(oldest, join(other, 'node_modules/node/bin'));
  runtimes.set(process.versions.node, dirname(process.execPath));

  installed = await emptyFolder();
  folders.push(installed);
  await run('npm', ['install', ...quietly, tarball], { cwd: installed });
}, patientMs(120_000));

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe('the package', () => {
  it('holds what a gateway needs', () => {
    for (const needed of [
      'dist/src/main.js',
      'dist/src/passwords/hash-worker.js',
      'dist/src/session/writer-main.js',
      'dist/src/pages/login-page.js',
      'config/portcullis.yaml',
      'config/portcullis.schema.json',
      'config/redis.acl',
      'config/sidecar/nginx.conf',
      'config/systemd/portcullis.service',
      'docs/configuration.md',
      'README.md',
      'LICENSE',
    ]) {
      expect(files).toContain(needed);
    }
  });

  it('holds no sources, tests, benchmarks or fuzzers, and nothing beside what it says', () => {
    const roots = new Set(files.map((file) => file.split('/')[0]));
    expect([...roots].toSorted()).toEqual([
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'config',
      'dist',
      'docs',
      'package.json',
    ]);
    const strange = files.filter((file) =>
      /\.ts$|\.test\.js|(?:^|\/)(?:test|bench|fuzz)\//.test(file),
    );
    expect(strange).toEqual([]);
  });

  it('is smaller than a megabyte, and asks for no compiler and no download', async () => {
    expect(size).toBeLessThan(1_000_000);
    expect((await stat(tarball)).size).toBe(size);
    const lock = await readFile(join(installed, 'package-lock.json'), 'utf8');
    expect(lock).not.toContain('hasInstallScript');
  });

  it('says which Node it runs on', async () => {
    const text = await readFile(join(installed, 'node_modules/portcullis/package.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ engines: { node: '>=24.7' } });
  });
});

describe.each([[oldest], [process.versions.node]])(
  'the installed package on Node %s',
  (version) => {
    const command = (args: readonly string[]) => {
      const path = `${runtimes.get(version) ?? ''}${delimiter}${process.env['PATH'] ?? ''}`;
      const env: NodeJS.ProcessEnv = { ...process.env, PATH: path };
      delete env['NODE_OPTIONS'];
      return [join(installed, 'node_modules/.bin/portcullis'), [...args], { env }] as const;
    };

    it('says its version and nothing else, and finds the shipped configuration right', async () => {
      const said = await run(...command(['--version']));
      expect(said).toEqual({ stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
      const checked = await run(...command(['check']));
      expect(checked.stdout).toContain('node_modules/portcullis/config/portcullis.yaml');
    });

    it('runs workers that share sessions in a file: somebody logs in, is known, and is out', async () => {
      const scene = await mkdtemp(join(tmpdir(), 'portcullis-package-'));
      folders.push(scene);
      const [edge = 0, admin = 0] = await freePorts(2);
      const config = join(scene, 'portcullis.yaml');
      const { stdout: hash } = await hashOf(command(['hash']), 'pass-of-this-test');
      await writeFile(config, stringify(yamlOf({ edge, admin, hash: hash.trim() })));
      const child = spawn(...command(['start', '--config', config]));
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (said += text));
      }
      try {
        const isReady = async (): Promise<boolean> => {
          const { promise, resolve } = Promise.withResolvers<boolean>();
          execFile(...command(['health', '--config', config]), (error) => resolve(error === null));
          return await promise;
        };
        await waitFor('the gateway to be ready', isReady, 20_000);
        const url = `http://127.0.0.1:${String(edge)}`;
        const body = JSON.stringify({ username: 'ada', password: 'pass-of-this-test' });
        const login = await fetch(`${url}/login`, { method: 'POST', body });
        expect([login.status, await login.json()]).toEqual([200, { username: 'ada' }]);
        const headers = { cookie: login.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
        const me = await fetch(`${url}/session`, { headers });
        expect(await me.json()).toMatchObject({ username: 'ada' });
        expect((await fetch(`${url}/logout`, { headers })).status).toBe(200);
        expect((await fetch(`${url}/session`, { headers })).status).toBe(401);
        expect(existsSync(join(scene, 'sessions.db'))).toBe(true);
      } finally {
        child.kill('SIGTERM');
      }
      const [code] = await once(child, 'close');
      expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('gateway.stopped') });
      // Also where Node has something to say of a module that we use.
      const strange = said.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
      expect(strange).toEqual([]);
    });
  },
);

/** `portcullis hash` reads the password from its standard input. */
async function hashOf(
  [file, args, options]: readonly [string, readonly string[], { readonly env: NodeJS.ProcessEnv }],
  password: string,
): Promise<{ stdout: string }> {
  const running = run(file, [...args], options);
  running.child.stdin?.end(`${password}\n`);
  return await running;
}

function yamlOf(parts: { edge: number; admin: number; hash: string }): unknown {
  return {
    workers: 2,
    listeners: {
      edge: {
        address: `127.0.0.1:${String(parts.edge)}`,
        routes: [
          { exactPath: '/login', endpoint: 'login' },
          { exactPath: '/logout', endpoint: 'logout' },
          { exactPath: '/session', endpoint: 'session' },
        ],
      },
    },
    admin: { address: `127.0.0.1:${String(parts.admin)}` },
    sessions: { store: { type: 'sqlite', path: 'sessions.db' } },
    tokens: { keys: [{ id: 'k1', secret: 'a-token-key-of-this-test-0123456789abcdef' }] },
    directories: {
      local: { type: 'static', users: [{ username: 'ada', password: parts.hash, role: 'user' }] },
    },
  };
}
