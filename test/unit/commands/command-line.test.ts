import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../../src/commands/catalogue.ts';
import { runCommandLine } from '../../../src/commands/command-line.ts';
import { smallest } from '../../support/config-file.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'portcullis-command-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...args: readonly string[]): Promise<Said> {
  let out = '';
  let err = '';
  const code = await runCommandLine(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { code, out, err };
}

/** The command line in a process of its own. */
function spawned(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const { promise, resolve } = Promise.withResolvers<Said>();
  execFile(
    process.execPath,
    [join(root, 'src/main.ts'), ...args],
    { cwd: folder, env: { ...process.env, ...env } },
    (error, out, err) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, out, err });
    },
  );
  return promise;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('portcullis', () => {
  it('says how it is used when it is asked', async () => {
    for (const word of ['--help', '-h', 'help']) {
      const { code, out, err } = await run(word);
      expect([code, err]).toEqual([0, '']);
      const shown = catalogue.filter(({ isHidden }) => isHidden !== true);
      const width = Math.max(...shown.map(({ name }) => name.length));
      for (const { name, summary } of shown)
        expect(out).toContain(`  ${name.padEnd(width)}   ${summary}\n`);
    }
  });

  it('says how it is used, as an error, when it is asked nothing', async () => {
    const { code, out, err } = await run();
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^Usage: portcullis COMMAND/);
  });

  it('knows its version, also after a command', async () => {
    for (const args of [['--version'], ['check', '--version'], ['schema', '--version']]) {
      const said = await run(...args);
      expect(said).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
    }
  });

  it.each([
    ['chek', 'portcullis: there is no command "chek"; did you mean check?\n'],
    ['--start', 'portcullis: there is no option "--start"; did you mean start?\n'],
    [
      'frobnicate',
      'portcullis: there is no command "frobnicate"; expected one of start, init, check, doctor, explain, schema, hash, users, bans, sessions, nodes, reload, restart, drain, health, prove-revocation, --help and --version\n',
    ],
  ])('does not know %s', async (word, err) => {
    expect(await run(word)).toEqual({ code: 2, out: '', err });
  });

  it.each(catalogue.flatMap(({ isHidden, name }) => (isHidden === true ? [] : [name])))(
    '%s says how it is used',
    async (name) => {
      const { code, out } = await run(name, '--help');
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`^Usage: portcullis ${name}`));
      expect(out.split('\n').every((line) => line.length <= 80)).toBe(true);
    },
  );

  it.each(catalogue.filter(({ name }) => name !== 'start'))(
    'lists $name with its own name and summary',
    async ({ name, summary, load }) => {
      const command = await load();
      expect([command.name, command.summary]).toEqual([name, summary]);
    },
  );
});

describe('portcullis check', () => {
  it('shows the listeners and routes of a file that is right', async () => {
    const path = file(
      'right.yaml',
      `${smallest}      - {path: /a, methods: [GET], host: h, upstream: app, require: {roles: [r, s], groups: [g]}}
      - {exactPath: /login, endpoint: login}
      - {path: /b, upstream: app, require: {users: [u], anyOf: [{roles: [r]}, {groups: [g], methods: [GET]}], noneOf: [{users: [v]}]}}
admin: {address: 127.0.0.1:9099}
upstreams: {app: {servers: [a:1]}}
`,
    );
    const { code, out, err } = await run('check', '--config', path);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(`${path}: ok
  edge 127.0.0.1:0
    /*         everybody                                                status 204
    GET h/a/*  role r or s, group g                                     upstream app
    /login     everybody                                                endpoint login
    /b/*       user u, (role r) or (group g, method GET), not (user v)  upstream app
  admin 127.0.0.1:9099
warning: no directory that is asked has users, so that nobody can log in
`);
  });

  it('prints every problem on a line of its own and exits with 2', async () => {
    const path = file('wrong.yaml', `${smallest}answers: old\nlog: {level: loud}\n`);
    expect(await run('check', `--config=${path}`)).toEqual({
      code: 2,
      out: '',
      err:
        `${path}:7:10: answers: is "old"; expected one of modern, tyke\n` +
        `${path}:8:14: log.level: is "loud"; expected one of debug, info, warn, error\n`,
    });
  });

  it.each([
    ['does not exist', 'none.yaml'],
    ['is a folder', '.'],
  ])('says in one sentence that a file %s and exits with 1', async (reason, name) => {
    const path = join(folder, name);
    expect(await run('check', '--config', path)).toEqual({
      code: 1,
      out: '',
      err: `portcullis check: the configuration file ${path} ${reason}\n`,
    });
  });

  it('refuses a hash that no login could compute', async () => {
    const hash = `$argon2id$v=19$m=9999999,t=2,p=1$${'c'.repeat(22)}$${'d'.repeat(43)}`;
    const users = `directories: {d: {type: static, users: [{username: u, password: '${hash}'}]}}\n`;
    const { code, err } = await run('check', '--config', file('dear.yaml', smallest + users));
    expect(code).toBe(2);
    expect(err).toContain('directories.d.users[0].password: costs too much or too little');
    expect(err).not.toContain('cccc');
  });

  it.each([
    [['--conf', 'x'], 'has no option "--conf"; did you mean --config?'],
    [['-c', 'x'], 'has no option "-c"; it knows --help, --version, --config'],
    [['x.yaml'], 'takes no argument "x.yaml"; it knows --help, --version, --config'],
    [['--config'], 'needs a value after --config; it knows --help, --version, --config'],
    [['--config='], 'needs a value after --config; it knows --help, --version, --config'],
    [
      ['--config', 'a', '--config', 'b'],
      'takes --config only once; it knows --help, --version, --config',
    ],
  ])('refuses the arguments %j', async (args, sentence) => {
    const said = await run('check', ...args);
    expect(said).toEqual({ code: 2, out: '', err: `portcullis check ${sentence}\n` });
  });
});

describe('portcullis schema', () => {
  it('prints JSON', async () => {
    const { code, out } = await run('schema');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('takes no other arguments', async () => {
    expect(await run('schema', '--config', 'x')).toEqual({
      code: 2,
      out: '',
      err: 'portcullis schema has no option "--config"; it knows --help, --version, --markdown\n',
    });
  });
});

describe('the process', () => {
  it('checks the shipped configuration from any folder, and exits with 0', async () => {
    const { code, out, err } = await spawned(['check'], { PORTCULLIS_CONFIG: '' });
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`${join(root, 'config/portcullis.yaml')}: ok\n  edge 127.0.0.1:8081\n`);
  });

  it('shows where proxies in front ask, and as whom they are answered', async () => {
    const path = join(root, 'config/sidecar/portcullis.yaml');
    const { code, out } = await spawned(['check', '--config', path]);
    expect(code).toBe(0);
    expect(out).toContain(
      '  control 127.0.0.1:9000\n    /sidecar/nginx    trusted peers  nginx asks edge\n',
    );
    expect(out).toContain('    /sidecar/envoy/*  trusted peers  envoy asks edge\n');
  });

  it('takes the file that PORTCULLIS_CONFIG names, and its environment', async () => {
    const yaml = smallest.replace(':0', ':${TEST_PORT}');
    const env = { PORTCULLIS_CONFIG: file('environment.yaml', yaml), TEST_PORT: '4711' };
    const { code, out } = await spawned(['check'], env);
    expect(code).toBe(0);
    expect(out).toContain('edge 127.0.0.1:4711');
  });

  it('exits with 2 for problems and with 1 for a file that it cannot read', async () => {
    const wrong = file('problem.yaml', 'answers: old\n');
    const [problems, unreadable, unknown] = await Promise.all([
      spawned(['check', '--config', wrong]),
      spawned(['check', '--config', 'none.yaml']),
      spawned(['chekc']),
    ]);
    expect([problems.code, unreadable.code, unknown.code]).toEqual([2, 1, 2]);
    expect(problems.err).toBe(
      `${wrong}:1:1: listeners: is missing; expected at least one listener, such as edge: with an address and routes\n` +
        `${wrong}:1:10: answers: is "old"; expected one of modern, tyke\n`,
    );
  });
});
