import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ControlAnswer, ControlOrder } from '../../../src/admin/control-order.ts';
import { ControlServer } from '../../../src/admin/control-server.ts';
import { runCommandLine } from '../../../src/commands/command-line.ts';

let folder = '';
let config = '';
let orders: ControlOrder[] = [];
let answer: ControlAnswer = { kind: 'done', value: [] };
let server: ControlServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-command-'));
  config = join(folder, 'c.yaml');
  // What the rest of the file needs is the gateway's business.
  await writeFile(config, 'control:\n  socket: c.sock\ntokens: ${NOT_SET}\n');
  orders = [];
  server = new ControlServer({
    path: join(folder, 'c.sock'),
    perform: (order) => {
      orders.push(order);
      return Promise.resolve(answer);
    },
    onFault: () => {},
  });
  await server.start();
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function run(...args: readonly string[]) {
  const said = { out: '', err: '' };
  const code = await runCommandLine(args, {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
  });
  return { code, ...said };
}

const session = {
  handle: '0f8fad5b-d9cb-869f-a165-70867728950e',
  user: 'user1',
  directory: 'demo',
  role: 'physician',
  groups: ['group1', 'group2'],
  actor: null,
  createdAt: '2026-01-02T03:04:05.000Z',
  lastSeenAt: '2026-01-02T03:05:05.000Z',
  endsAt: '2026-01-02T15:04:05.000Z',
};

describe('portcullis explain', () => {
  const yaml = `
control: {socket: c.sock}
listeners:
  edge: {address: '127.0.0.1:0', routes: [{path: /, upstream: app}]}
upstreams: {app: {servers: ['127.0.0.1:9001']}}
directories: {own: {type: static, users: []}}
`;

  it('looks at the configuration alone where nobody is there, and says so', async () => {
    await writeFile(config, yaml);
    await server.stop();
    const { code, err, out } = await run('explain', 'GET', 'http://a/x', '--config', config);
    expect(err).toBe(
      'portcullis explain: no gateway runs with this configuration: there is no socket ' +
        `${join(folder, 'c.sock')}: by the configuration alone, no session is known\n`,
    );
    expect(out).toContain('  decision  answered 401: noCookie');
    expect(code).toBe(0);
    await writeFile(config, yaml.replace('c.sock', 'none'));
    const silent = await run('explain', 'GET', 'http://a/x', '--config', config);
    expect(silent.err).toContain('says control.socket: none: by the configuration alone');
  });

  it('takes ws:// for the handshake of a WebSocket, by a page of its own site or another', async () => {
    await writeFile(config, yaml.replace('upstream: app}', 'upstream: app, auth: none}'));
    const shown = async (...args: readonly string[]) =>
      (await run('explain', 'GET', ...args, '--offline', '--config', config)).out;
    const own = await shown('ws://a/chat', '--header', 'X-A: 1', '--header', 'x-a: 2');
    expect(own.slice(own.indexOf('The upstream gets:')).split('\n')).toEqual([
      ...['The upstream gets:', '  GET /chat HTTP/1.1', '  Host: a', '  Sec-WebSocket-Version: 13'],
      ...['  Sec-WebSocket-Key: cG9ydGN1bGxpcyBhc2tzIQ==', '  Origin: http://a', '  X-A: 1'],
      ...['  X-A: 2', expect.stringContaining('X-Request-Id') as string],
      ...['  X-Forwarded-For: 127.0.0.1', '  X-Forwarded-Proto: http', '  X-Forwarded-Host: a'],
      ...[expect.stringContaining('traceparent') as string, '  Connection: Upgrade'],
      ...['  Upgrade: websocket', ''],
    ]);
    const foreign = await shown('ws://a/chat', '--header', 'Origin: https://evil.example');
    expect(foreign).toContain('  decision  answered 403: crossSite, a page of another site asks\n');
    // No key, but perhaps something else: it is not shown.
    const odd = ['--header', 'Sec-WebSocket-Key: of-something', '--header', 'Connection: upgrade'];
    expect(await shown('http://a/chat', ...odd)).toContain('  Sec-WebSocket-Key: ***\n');
  });

  it('fails where a gateway may run that cannot be asked', async () => {
    // Through a file nobody gets to a socket: neither "no such file" nor "refused".
    await writeFile(config, yaml.replace('c.sock', 'c.yaml/c.sock'));
    const { code, err, out } = await run('explain', 'GET', 'http://a/x', '--config', config);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^portcullis explain: .*ENOTDIR/);
  });

  it('says what is not known of a listener with TLS', async () => {
    const head = 'GET / HTTP/1.1\r\n\r\n';
    const common = { listener: 'edge', method: 'GET', target: '/', path: '/', client: '::1' };
    const none = { route: null, policy: null, principal: null, server: null, removed: [] };
    const value = { ...common, ...none, decision: 'forwarded', reason: 'app', status: null, head };
    answer = { kind: 'done', value: { ...value, notes: ['this listener speaks TLS'] } };
    const { out } = await run('explain', 'GET', 'https://a/', '--config', config);
    expect(out).toContain('\n  note      this listener speaks TLS\n');
  });
});

describe('portcullis sessions', () => {
  it('lists the sessions of a user, one a line or as JSON', async () => {
    answer = { kind: 'done', value: [session] };
    expect(await run('sessions', 'list', 'user1', '--config', config)).toEqual({
      code: 0,
      err: '',
      out:
        '0f8fad5b-d9cb-869f-a165-70867728950e\tdemo\tphysician' +
        '\tsince 2026-01-02T03:04:05.000Z\tseen 2026-01-02T03:05:05.000Z\n',
    });
    const json = await run('sessions', 'list', 'user1', '--json', '--config', config);
    expect(JSON.parse(json.out)).toEqual([session]);
    expect(orders[0]).toEqual({ deed: 'list', user: 'user1', directory: null, handles: null });
  });

  it('lists everybody, a page at a time, and ends everybody', async () => {
    answer = { kind: 'done', value: [session, session] };
    const page = ['sessions', 'list', '--limit', '2', '--skip', '4'];
    const { out } = await run(...page, '--config', config);
    const line = `user1\t${session.handle}\tdemo\tphysician\tsince ${session.createdAt}\tseen ${session.lastSeenAt}\n`;
    expect(out).toBe(`${line}${line}for more: --skip 6\n`);
    expect((await run('sessions', 'list', '--config', config)).out).toBe(line + line);
    answer = { kind: 'done', value: { revoked: 1 } };
    const all = await run('sessions', 'revoke', '--everybody', '--config', config);
    expect(all).toEqual({ code: 0, out: '1 session has ended\n', err: '' });
    expect(orders).toEqual([
      { deed: 'page', skip: 4, count: 2 },
      { deed: 'page', skip: 0, count: 100 },
      { deed: 'revokeEverybody' },
    ]);
  });

  it('shows one session whole', async () => {
    answer = { kind: 'done', value: [session] };
    const { out } = await run('sessions', 'show', 'user1', session.handle, '--config', config);
    expect(out).toContain('groups: group1, group2\nactor: -\n');
    expect(orders[0]).toMatchObject({ deed: 'list', handles: [session.handle] });
  });

  it('ends the sessions that are named, or all, and says how many', async () => {
    answer = { kind: 'done', value: { revoked: 2 } };
    const some = await run('sessions', 'revoke', 'user1', 'a', 'b', '--config', config);
    expect(some).toEqual({ code: 0, out: '2 sessions have ended\n', err: '' });
    answer = { kind: 'done', value: { revoked: 0 } };
    const all = ['sessions', 'revoke', 'user1', '--all', '--directory', 'demo'];
    expect((await run(...all, '--config', config)).out).toBe('0 sessions have ended\n');
    expect(orders).toEqual([
      { deed: 'revoke', user: 'user1', directory: null, handles: ['a', 'b'] },
      { deed: 'revoke', user: 'user1', directory: 'demo', handles: null },
    ]);
  });

  it.each([
    [['show', 'user1', 'x'], []],
    [['revoke', 'user1', 'x'], { revoked: 0 }],
  ])('is not done where there is no such session: %j', async (args, value) => {
    answer = { kind: 'done', value };
    expect(await run('sessions', ...args, '--config', config)).toEqual({
      code: 1,
      out: '',
      err: 'portcullis sessions: "user1" has no such session\n',
    });
  });

  it.each([
    [[], 'expected list, show, revoke'],
    [['lst', 'a'], 'cannot do "lst"; did you mean list?'],
    [['list', ''], 'list needs the name of a user'],
    [['revoke', '--all'], 'revoke needs the name of a user'],
    [['revoke', 'a', '--everybody'], 'revoke takes --everybody alone'],
    [['revoke', '--everybody', '--directory', 'demo'], 'revoke takes --everybody alone'],
    [['list', '--everybody'], 'list takes no --everybody'],
    [['list', '--limit', '1001'], 'needs a whole number from 1 to 1000 after --limit'],
    [['list', '--skip', '-1'], 'knows the options that --help names'],
    [['list', '--skip', 'x'], 'needs a whole number after --skip'],
    [['list', '--directory', 'demo'], 'list takes --directory only with the name of a user'],
    [['list', 'a', '--limit', '1'], '--limit and --skip are for a list of everybody'],
    [['list', 'a', 'b'], 'list takes one name; see show'],
    [['list', 'a', '--all'], 'list takes no --all'],
    [['show', 'a'], 'show needs the name of a user and a handle'],
    [['revoke', 'a'], 'revoke needs either handles, as list prints them, or --all'],
    [['revoke', 'a', 'b', '--all'], 'revoke needs either handles, as list prints them, or --all'],
    [['list', 'a', '--al'], 'knows the options that --help names'],
  ])('is used wrongly with %j', async (args, sentence) => {
    const { code, err } = await run('sessions', ...args);
    expect([code, err]).toEqual([2, `portcullis sessions: ${sentence}\n`]);
    expect(orders).toEqual([]);
  });
});

describe('portcullis nodes, reload, restart and drain', () => {
  it('print what the gateway answers', async () => {
    const worker = { worker: 1, pid: 8, state: 'ready', generation: 3 };
    const value = { pid: 7, generation: 3, isConfigTaken: false, workers: [worker] };
    answer = { kind: 'done', value };
    expect((await run('nodes', '--config', config)).out).toBe(
      'gateway\t7\tgeneration 3 (what was read last was refused)\n' +
        'worker 1\t8\tready\tgeneration 3\n',
    );
    expect(JSON.parse((await run('nodes', '--json', '--config', config)).out)).toEqual(value);
    expect((await run('reload', '--config', config)).out).toBe('done: generation 3 serves\n');
    expect((await run('restart', '--config', config)).out).toBe('done: generation 3 serves\n');
    expect((await run('drain', '--config', config)).out).toBe('draining\n');
    expect(orders.map(({ deed }) => deed)).toEqual([
      'nodes',
      'nodes',
      'reload',
      'restart',
      'drain',
    ]);
  });

  it('say why something was not done, and exit with 1', async () => {
    answer = { kind: 'refused', sentence: 'c.yaml:1:1: is wrong' };
    expect(await run('reload', '--config', config)).toEqual({
      code: 1,
      out: '',
      err: 'portcullis reload: c.yaml:1:1: is wrong\n',
    });
  });

  it('say when nobody is there, and where they looked', async () => {
    await server.stop();
    const { code, err } = await run('nodes', '--config', config);
    expect(code).toBe(1);
    expect(err).toBe(
      'portcullis nodes: no gateway runs with this configuration: there is no socket ' +
        `${join(folder, 'c.sock')}\n`,
    );
    await writeFile(config, 'control: {socket: none}\n');
    expect((await run('nodes', '--config', config)).err).toContain('says control.socket: none');
    await rm(config);
    expect((await run('nodes', '--config', config)).err).toContain('does not exist');
    const other = join(folder, 'other.sock');
    expect((await run('nodes', '--socket', other)).err).toContain(other);
  });

  it.each([
    [['nodes', 'x'], 'portcullis nodes takes no argument "x"'],
    [['reload', '--jsn'], 'portcullis reload has no option "--jsn"; did you mean --json?'],
    [['drain', '--json=1'], 'portcullis drain takes no value after --json'],
  ])('are used wrongly: %j', async (args, sentence) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });
});
