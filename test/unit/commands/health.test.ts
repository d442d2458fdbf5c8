import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../../src/commands/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-health-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function ask(yaml: string, ...more: readonly string[]) {
  const path = join(folder, 'c.yaml');
  writeFileSync(path, yaml);
  let out = '';
  let err = '';
  const code = await runCommandLine(['health', '--config', path, ...more], {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { code, out, err };
}

/** Something that answers as the operators' port does. */
async function operatorsPort(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    port: String(port),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

describe('portcullis health', () => {
  it('says yes where the gateway is ready, also where it listens at all addresses', async () => {
    await using server = await operatorsPort(({ url }, response) => response.end(url));
    for (const host of ['127.0.0.1', '0.0.0.0', '']) {
      const said = await ask(`admin: {address: '${host}:${server.port}'}`);
      expect(said).toEqual({ code: 0, out: '/readyz\n', err: '' });
    }
    const live = await ask(`admin: {address: '127.0.0.1:${server.port}'}`, '--live');
    expect(live).toEqual({ code: 0, out: '/livez\n', err: '' });
  });

  it('says no where it is not, and what it says of itself', async () => {
    await using server = await operatorsPort((_, response) => {
      response.writeHead(503).end('draining');
    });
    const said = await ask(`admin: {address: '127.0.0.1:${server.port}'}`);
    expect(said).toEqual({ code: 1, out: '', err: 'draining\n' });
  });

  it('says no where nothing answers', async () => {
    const said = await ask('admin: {address: 127.0.0.1:1}');
    expect(said).toMatchObject({ code: 1, err: expect.stringContaining('127.0.0.1:1: ') });
  });

  it('needs an admin section, and looks at nothing else', async () => {
    expect(await ask('listeners: 7')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no admin section'),
    });
    expect(await ask('admin: {address: nowhere}')).toMatchObject({
      code: 2,
      err: expect.stringContaining('admin.address'),
    });
    const { code, err } = await ask('listeners: 7\nadmin: {address: 127.0.0.1:1}');
    expect([code, err]).toEqual([1, expect.stringContaining('nothing answers')]);
  });
});
