import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { curl, run } from '../../support/curl.ts';
import { freePorts } from '../../support/free-ports.ts';
import { chunked, raw, rawThenEnd, reset } from '../../support/recording-upstream.ts';
import { useScene } from '../../support/scene.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('HTTP/1.0', () => {
  const scene = useScene();

  it('is answered and closed', async () => {
    await using client = await scene.connect();
    client.write('GET /public/x HTTP/1.0\r\n\r\n');
    const response = await client.response();
    expect(response.status).toBe(200);
    expect(response.text()).toBe('ok');
    expect(await client.closed()).toBe('end');
  });

  it('is kept alive only if asked for, and then confirmed', async () => {
    await using client = await scene.connect();
    const asking = 'GET /public/x HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n';
    const first = await client.write(asking).response();
    expect(first.value('connection')?.toLowerCase()).toBe('keep-alive');
    const second = await client.write(asking).response();
    expect(second.status).toBe(200);
    const last = await client.write('GET /public/x HTTP/1.0\r\n\r\n').response();
    expect(last.status).toBe(200);
    expect(last.value('connection')?.toLowerCase()).not.toBe('keep-alive');
    expect(await client.closed()).toBe('end');
  });

  it('gets an answer of unknown length unchunked, to the end of the connection', async () => {
    scene.upstream.answer = chunked(['hello ', 'world']);
    await using client = await scene.connect();
    client.write('GET /public/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    const response = await client.response();
    expect(response.framing).toBe('close');
    expect(response.text()).toBe('hello world');
    expect(response.values('transfer-encoding')).toEqual([]);
    expect(response.value('connection')?.toLowerCase()).not.toBe('keep-alive');
  });

  const chunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';

  it.each([
    ['of chunks, by a reset', reset(chunks)],
    ['of chunks, by a FIN', rawThenEnd(chunks)],
    ['of chunks, by nonsense', raw(`${chunks}nonsense\r\n`)],
    ['without a length, by a reset', reset('HTTP/1.1 200 OK\r\n\r\nhello')],
  ])('sees a reset, not an end, where an answer %s breaks off', async (_kind, answer) => {
    scene.upstream.answer = answer;
    await using client = await scene.connect();
    client.write('GET /public/x HTTP/1.0\r\n\r\n');
    expect(await client.closed()).toBe('reset');
  });

  it('keeps alive over an answer to HEAD and a 304', async () => {
    scene.upstream.answer = [
      raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
      raw('HTTP/1.1 304 Not Modified\r\n\r\n'),
    ];
    await using client = await scene.connect();
    const ask = (method: string): string =>
      `${method} /public/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`;
    expect((await client.write(ask('HEAD')).response('HEAD')).status).toBe(200);
    expect(client.left).toBeNull();
    expect((await client.write(ask('GET')).response()).status).toBe(304);
  });

  it('has bodies with a length', async () => {
    const { response, forwarded } = await scene.send(
      'POST /public/x HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello',
    );
    expect(response.status).toBe(200);
    expect(forwarded[0]?.body.toString()).toBe('hello');
    expect(forwarded[0]?.startLine).toBe('POST /public/x HTTP/1.1');
  });

  it('of curl -0 is served, with a session', async () => {
    const url = `http://127.0.0.1:${String(scene.gateway.edge)}`;
    const answer = await curl('-0', '-b', scene.cookie, '-d', 'hello', `${url}/api/x`);
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('ok');
    expect(scene.forwarded()[0]?.body.toString()).toBe('hello');
  });

  it.each([['-k'], []])('of ab %s is served', async (...flags) => {
    const url = `http://127.0.0.1:${String(scene.gateway.edge)}/api/x`;
    const { code, stdout } = await run('ab', [
      ...flags,
      '-n',
      '300',
      '-c',
      '5',
      '-C',
      scene.cookie,
      url,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Complete requests:\s+300\b/);
    expect(stdout).toMatch(/Failed requests:\s+0\b/);
    expect(stdout).not.toContain('Non-2xx');
    if (flags.length > 0) expect(stdout).toMatch(/Keep-Alive requests:\s+(29\d|300)\b/);
  });
});

describe('NGINX as it comes, in front', () => {
  const scene = useScene();

  it('is served: HTTP/1.0, and the name of its group for a host', async () => {
    const [port = 0] = await freePorts(1);
    await using nginx = await startNginx(
      `upstream app_upstreams { server 127.0.0.1:${String(scene.gateway.edge)}; }
       server { listen 127.0.0.1:${String(port)}; location / { proxy_pass http://app_upstreams; } }`,
      port,
    );
    const url = `http://127.0.0.1:${String(port)}`;
    const answer = await curl('-b', scene.cookie, '-d', 'hello', `${url}/api/x?y=z`);
    expect(answer.status, nginx.folder).toBe(200);
    const [received] = scene.forwarded();
    expect(received?.target).toBe('/api/x?y=z');
    expect(received?.body.toString()).toBe('hello');
    expect((await curl(`${url}/api/x`)).status).toBe(401);
  });

  it('is served with kept connections', async () => {
    const [port = 0] = await freePorts(1);
    await using nginx = await startNginx(
      `upstream app { server 127.0.0.1:${String(scene.gateway.edge)}; keepalive 4; }
       server { listen 127.0.0.1:${String(port)};
         location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; } }`,
      port,
    );
    for (let round = 0; round < 5; round++) {
      const url = `http://127.0.0.1:${String(port)}/api/x`;
      expect((await curl('-b', scene.cookie, url)).status, nginx.folder).toBe(200);
    }
  });
});

/** NGINX in a folder of its own, not as a daemon, with this inside its `http` block. */
async function startNginx(
  http: string,
  port: number,
): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-nginx-'));
  await mkdir(join(folder, 'tmp'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/tmp/${name};`)
    .join('\n');
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
     events { worker_connections 64; }
     http { access_log off; ${temporary} ${http} }`,
  );
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')];
  const child = spawn('nginx', args, { stdio: 'ignore', env });
  const closed = once(child, 'close');
  await waitFor('nginx to listen', async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${String(child.exitCode)}`);
    const { code } = await run('curl', ['-so', '/dev/null', `http://127.0.0.1:${String(port)}/`]);
    return code === 0;
  });
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
