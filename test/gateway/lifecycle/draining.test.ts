import { once } from 'node:events';
import { createServer } from 'node:net';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Gateway, Process } from '../../support/gateway.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { after, never, ok, raw, RecordingUpstream } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { waitFor, within } from '../../support/wait-for.ts';

const isRefused = async (port: number): Promise<boolean> => {
  try {
    await using client = await RawClient.connect(port);
    client.write(request('OPTIONS', '*'));
    await client.response();
    return false;
  } catch {
    return true;
  }
};

describe('a gateway that is told to stop', () => {
  it('takes no new connection, finishes what is under way, and ends with 0', async () => {
    await using upstream = await RecordingUpstream.start({ answer: after(800, ok()) });
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    await using idle = await RawClient.connect(gateway.edge);
    await using used = await RawClient.connect(gateway.edge);
    expect((await used.write(request('OPTIONS', '*')).response()).status).toBe(204);
    await using busy = await RawClient.connect(gateway.edge);
    busy.write(request('GET', '/public/x'));
    await upstream.requestCount(1);
    gateway.process.signal('SIGTERM');
    await waitFor('new connections to be refused', () => isRefused(gateway.edge));
    const response = await busy.response();
    expect(response.status).toBe(200);
    expect(response.value('connection')).toBe('close');
    expect(await used.closed()).toBe('end');
    await idle.closed();
    expect(await within('the end', gateway.process.exit)).toEqual({ code: 0, signal: null });
  });

  it('in the middle of an answer ends when that has gone out', async () => {
    await using upstream = await RecordingUpstream.start({
      answer: raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'),
    });
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      sections: { drainTimeout: '60s' },
    });
    await using client = await RawClient.connect(gateway.edge);
    client.write(request('GET', '/public/x'));
    await waitFor('half of the answer', () => client.pending.includes('hello'));
    gateway.process.signal('SIGTERM');
    await waitFor('new connections to be refused', () => isRefused(gateway.edge));
    upstream.connections[0]?.write('world');
    const response = await client.response();
    expect(response.text()).toBe('helloworld');
    expect(response.values('connection'), 'said before the signal').toEqual([]);
    expect(await client.closed(3_000)).toBe('end');
    expect((await within('the end', gateway.process.exit, 3_000)).code).toBe(0);
  });

  it('in the middle of an answer still serves what had been sent behind it', async () => {
    const half = raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
    await using upstream = await RecordingUpstream.start({ answer: [half, ok()] });
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    await using client = await RawClient.connect(gateway.edge);
    client.write(request('GET', '/public/1') + request('GET', '/public/2'));
    await waitFor('half of the answer', () => client.pending.includes('hello'));
    gateway.process.signal('SIGTERM');
    await waitFor('new connections to be refused', () => isRefused(gateway.edge));
    upstream.connections[0]?.write('world');
    expect((await client.response()).text()).toBe('helloworld');
    const second = await client.response();
    expect(second.text()).toBe('ok');
    expect(second.value('connection')).toBe('close');
    expect((await within('the end', gateway.process.exit, 5_000)).code).toBe(0);
  });

  it('finishes a body that is on its way up', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    await using client = await RawClient.connect(gateway.edge);
    client.write(request('POST', '/public/x', ['Content-Length: 10'], 'first'));
    await upstream.requestBytes('first');
    gateway.process.signal('SIGTERM');
    await waitFor('new connections to be refused', () => isRefused(gateway.edge));
    client.write('later');
    expect((await client.response()).status).toBe(200);
    expect(upstream.onlyRequest.body.toString()).toBe('firstlater');
    expect((await within('the end', gateway.process.exit)).code).toBe(0);
  });

  it('does not wait longer than its deadline', async () => {
    await using upstream = await RecordingUpstream.start({ answer: never() });
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      sections: { drainTimeout: '500ms' },
    });
    await using client = await RawClient.connect(gateway.edge);
    client.write(request('GET', '/public/x'));
    await upstream.requestCount(1);
    const began = performance.now();
    gateway.process.signal('SIGTERM');
    await within('the end', gateway.process.exit);
    expect(performance.now() - began).toBeGreaterThan(400);
  });

  it('ends at once at a second signal', async () => {
    await using upstream = await RecordingUpstream.start({ answer: never() });
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      sections: { drainTimeout: '60s' },
    });
    await using client = await RawClient.connect(gateway.edge);
    client.write(request('GET', '/public/x'));
    await upstream.requestCount(1);
    gateway.process.signal('SIGTERM');
    await waitFor('new connections to be refused', () => isRefused(gateway.edge));
    expect(gateway.process.hasExited).toBe(false);
    gateway.process.signal('SIGTERM');
    await within('the end', gateway.process.exit, 3_000);
  });

  it('says so on the admin port', async () => {
    await using upstream = await RecordingUpstream.start({ answer: never() });
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      sections: { drainTimeout: '2s' },
    });
    await using client = await RawClient.connect(gateway.edge);
    client.write(request('GET', '/public/x'));
    await upstream.requestCount(1);
    expect((await ask(gateway.admin, request('GET', '/readyz'))).status).toBe(200);
    gateway.process.signal('SIGTERM');
    await waitFor('/readyz to say 503', async () => {
      const response = await ask(gateway.admin, request('GET', '/readyz'));
      return response.status === 503;
    });
    expect((await ask(gateway.admin, request('GET', '/livez'))).status).toBe(200);
  });

  it('by SIGINT stops as well', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    gateway.process.signal('SIGINT');
    expect((await within('the end', gateway.process.exit)).code).toBe(0);
  });
});

describe('a start that fails', () => {
  const started = async (text: string | null): Promise<{ code: number | null; stderr: string }> => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-start-'));
    try {
      const path = join(folder, 'portcullis.yaml');
      if (text !== null) await writeFile(path, text);
      const child = new Process(['start', '--config', path]);
      const { code } = await within('the end', child.exit, 15_000);
      expect(child.stdout).toBe('');
      return { code, stderr: child.stderr };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  const sentence = /^[^\n]+\n$/;

  it('because of a busy port says so in one sentence and ends with 1', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const yaml = `accessLog: {enabled: false}
log: {level: error}
listeners: {edge: {address: '127.0.0.1:${port}', routes: [{path: /, auth: none, respond: {status: 200}}]}}`;
    const { code, stderr } = await started(yaml);
    server.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr).toContain(port);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('because of a missing file says so in one sentence and ends with 1', async () => {
    const { code, stderr } = await started(null);
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr).toContain('portcullis.yaml');
  });

  it('because of a wrong file lists what is wrong and ends with 2', async () => {
    const { code, stderr } = await started(
      'listeners: {edge: {adress: "127.0.0.1:1"}}\nanswers: later\n',
    );
    expect(code).toBe(2);
    expect(stderr).toContain('adress');
    expect(stderr).toContain('answers');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('because of a folder in place of a file ends with 1', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-start-'));
    await chmod(folder, 0o755);
    const child = new Process(['start', '--config', folder]);
    expect((await within('the end', child.exit, 15_000)).code).toBe(1);
    expect(child.stderr).toMatch(sentence);
    await rm(folder, { recursive: true });
  });
});
