import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gateway, projectRoot, type LaunchOptions } from '../../support/gateway.ts';
import { planned } from '../../support/gateway-yaml.ts';
import { tryLogin } from '../../support/login.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { request } from '../../support/request.ts';
import { waitFor } from '../../support/wait-for.ts';

const run = promisify(execFile);
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-logs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const start = (
  path: string,
  workers: number,
  options?: LaunchOptions,
  sections: Record<string, unknown> = {},
): Promise<Gateway> =>
  Gateway.start(
    planned({
      upstreamPorts: [9],
      routes: [{ path: '/fixed', auth: 'none', respond: { status: 200, body: 'fixed' } }],
      sections: {
        workers,
        accessLog: { path },
        ...(workers > 1 && {
          sessions: { store: { type: 'sqlite', path: join(folder, 'sessions') } },
          tokens: {
            keys: [{ id: 'one', secret: 'dGhpcyBpcyBhIGtleSBmb3IgYSB0ZXN0IGFuZCBub3RoaW5n' }],
          },
        }),
        ...sections,
      },
    }),
    options,
  );

/** Requests on one connection, each with a path of its own; all are answered. */
async function visit(gateway: Gateway, from: number, to: number, filler = ''): Promise<void> {
  await using client = await RawClient.connect(gateway.edge);
  for (let number = from; number < to; number++) {
    client.write(request('GET', `/fixed/${String(number)}${filler}`));
    expect((await client.response()).status).toBe(200);
  }
}

const numbersIn = (text: string): number[] =>
  text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    // Every line is read as JSON: one that is torn fails here.
    .map((line) => JSON.parse(line) as { path: string }) // what the gateway wrote
    .map(({ path }) => Number(/\d+/.exec(path)?.[0]));

const isMissing = (log: string) => `log="${log}"`;

describe('what cannot be logged', () => {
  it('on a full disk is lost and counted, and every request is answered', async () => {
    const path = join(folder, 'access.log');
    await symlink('/dev/full', path);
    await using gateway = await start(path, 1);
    await visit(gateway, 0, 50);
    await waitFor(
      'all lines to be lost',
      async () =>
        (await gateway.metric('portcullis_log_lines_lost_total', isMissing('access'))) === 50,
    );
    // There is room again.
    await rm(path);
    gateway.process.signal('SIGUSR2');
    await waitFor('a line', async () => {
      await visit(gateway, 50, 51);
      return (await readFile(path, 'utf8').catch(() => '')) !== '';
    });
    expect(await gateway.metric('portcullis_log_lines_lost_total', isMissing('access'))).toBe(50);
  });

  it('in a pipe that nobody reads any more is lost and counted: the access log and the log', async () => {
    await using gateway = await start('-', 1);
    await visit(gateway, 0, 1);
    gateway.process.child.stdout?.destroy();
    gateway.process.child.stderr?.destroy();
    await visit(gateway, 0, 20);
    expect((await tryLogin(gateway.edge, 'user1', 'pass1')).status).toBe(200);
    await waitFor(
      'both to be counted',
      async () =>
        (await gateway.metric('portcullis_log_lines_lost_total', isMissing('access'))) >= 20 &&
        (await gateway.metric('portcullis_log_lines_lost_total', isMissing('log'))) >= 1,
    );
    expect((await ask(gateway.edge, request('GET', '/fixed'))).status).toBe(200);
  });

  it('whole leaves no half of a line before those that come later', async () => {
    const path = join(folder, 'access.log');
    const limited = { wrapper: ['prlimit', '--fsize=30000'] };
    await using gateway = await start(path, 1, limited);
    await visit(gateway, 0, 200, `/${'x'.repeat(300)}`);
    const lost = (): Promise<number> =>
      gateway.metric('portcullis_log_lines_lost_total', isMissing('access'));
    await waitFor('lines to be lost', async () => (await lost()) > 0);
    await visit(gateway, 200, 201);
    await waitFor('all to be there or lost', async () => {
      const whole = (await readFile(path, 'utf8')).split('\n').length - 1;
      return whole + (await lost()) === 201;
    });
  });
});

describe('SIGUSR2', () => {
  it.each([1, 2])('opens the files of %i workers again, and no line is lost', async (workers) => {
    const [path, audit] = [join(folder, 'access.log'), join(folder, 'audit.log')];
    await using gateway = await start(path, workers, {}, { audit: { path: audit } });
    await visit(gateway, 0, 60);
    for (const one of [path, audit]) await rename(one, `${one}.1`);
    await visit(gateway, 60, 120);
    gateway.process.signal('SIGUSR2');
    await waitFor('everybody to have done so', () => {
      const said = gateway.process.stderr.match(/"logs\.reopened"/g) ?? [];
      return said.length === workers;
    });
    await visit(gateway, 120, 180);
    await tryLogin(gateway.edge, 'user1', 'wrong');
    await gateway.process.stop();
    const [before, after] = await Promise.all(
      [`${path}.1`, path].map(async (one) => numbersIn(await readFile(one, 'utf8'))),
    );
    expect(after).toEqual(expect.arrayContaining(Array.from({ length: 60 }, (_, at) => 120 + at)));
    const both = [...(before ?? []), ...(after ?? [])].filter((number) => !Number.isNaN(number));
    expect(both.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 180 }, (_, at) => at));
    expect(await readFile(audit, 'utf8')).toContain('login.rejected');
  });

  it('is what the shipped file for logrotate sends, with which no line is lost', async () => {
    const path = join(folder, 'access.log');
    await using gateway = await start(path, 1);
    await visit(gateway, 0, 30);
    await waitFor('the lines', async () => numbersIn(await readFile(path, 'utf8')).length === 30);
    const shipped = await readFile(
      join(projectRoot, 'config/systemd/portcullis.logrotate'),
      'utf8',
    );
    expect(shipped).toContain('--signal=SIGUSR2 portcullis.service\n');
    const file = join(folder, 'logrotate.conf');
    await writeFile(
      file,
      shipped
        .replace('/var/log/portcullis/', `${folder}/`)
        .replace(/systemctl kill .*/, `kill -USR2 ${String(gateway.pid)}`),
    );
    await chmod(folder, 0o700);
    const status = join(folder, 'status');
    await run('logrotate', ['--force', '--state', status, file], { env: { ...process.env, PATH } });
    await waitFor('the new file', async () => {
      await visit(gateway, 30, 31);
      return (await readFile(path, 'utf8').catch(() => '')) !== '';
    });
    expect(numbersIn(await readFile(`${path}.1`, 'utf8')).slice(0, 30)).toEqual(
      Array.from({ length: 30 }, (_, at) => at),
    );
    expect(await gateway.metric('portcullis_log_lines_lost_total')).toBe(0);
  });
});
