import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ControlOrder } from '../../../src/admin/control-order.ts';
import { ControlServer } from '../../../src/admin/control-server.ts';

let base = '';
let folder = '';
let path = '';
let orders: ControlOrder[] = [];
let faults: unknown[] = [];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'portcullis-control-'));
  folder = join(base, 'private');
  path = join(folder, 'c.sock');
  orders = [];
  faults = [];
});
afterEach(() => rm(base, { recursive: true, force: true }));

function server(): ControlServer {
  return new ControlServer({
    path,
    perform: (order) => {
      orders.push(order);
      if (order.deed === 'drain') return Promise.reject(new Error('broken'));
      return Promise.resolve({ kind: 'done', value: 7 });
    },
    onFault: (error) => void faults.push(error),
  });
}

async function ask(body: string, method = 'POST'): Promise<{ status: number; body: unknown }> {
  const asking = request({ socketPath: path, method, path: '/' });
  asking.end(body);
  const [answer] = await once(asking, 'response');
  let text = '';
  for await (const piece of answer) text += String(piece);
  return { status: answer.statusCode, body: JSON.parse(text) };
}

describe('the control socket', () => {
  it('can be opened by nobody else, nor can its folder be entered', async () => {
    const control = server();
    await control.start();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await control.stop();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('carries out orders, and says what it does not know', async () => {
    const control = server();
    await control.start();
    expect(await ask('{"deed":"nodes"}')).toEqual({
      status: 200,
      body: { kind: 'done', value: 7 },
    });
    expect(orders).toEqual([{ deed: 'nodes' }]);
    for (const body of ['', '{', '{"deed":"fly"}', '[]', '{"deed":"list"}', 'x'.repeat(70_000)]) {
      expect((await ask(body)).status, body.slice(0, 20)).toBe(400);
    }
    expect((await ask('', 'GET')).status).toBe(400);
    expect(orders).toHaveLength(1);
    await control.stop();
  });

  it('does not say why an order failed, and goes on', async () => {
    const control = server();
    await control.start();
    const { status, body } = await ask('{"deed":"drain"}');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('broken');
    expect(faults).toHaveLength(1);
    expect((await ask('{"deed":"nodes"}')).status).toBe(200);
    await control.stop();
  });

  it('takes the place of one whose gateway was killed, and of no other', async () => {
    const first = server();
    await first.start();
    await expect(server().start()).rejects.toThrow('in use by another gateway');
    await first.stop();
    // What a killed process leaves: a socket that nobody listens on.
    const dead = createServer();
    dead.listen(join(folder, 'd.sock'));
    await once(dead, 'listening');
    const { linkSync } = await import('node:fs');
    linkSync(join(folder, 'd.sock'), path);
    dead.close();
    await once(dead, 'close');
    const next = server();
    await next.start();
    await next.stop();
    await writeFile(path, '');
    await expect(server().start()).rejects.toThrow('is no socket');
  });

  it.each([
    ['that others can enter', async () => chmod(folder, 0o755), 'mode 755'],
    [
      'that is a link',
      async () => {
        await rm(folder, { recursive: true });
        await mkdir(join(base, 'else'), { mode: 0o700 });
        await symlink(join(base, 'else'), folder);
      },
      'is no folder of this user',
    ],
  ])('is not put into a folder %s', async (_what, spoil, sentence) => {
    await mkdir(folder, { mode: 0o700 });
    await spoil();
    await expect(server().start()).rejects.toThrow(sentence);
  });
});
