import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { ask, type RawResponse } from '../../support/raw-client.ts';
import { sidecarYaml } from '../../support/sidecar-yaml.ts';

/**
 * What Traefik sends (doc.traefik.io, ForwardAuth, "Forward-Request Headers", with `trustForwardHeader: false` and no
 * `authRequestHeaders`): a GET of `address` with the client's fields in Go's spelling, hop-by-hop ones left out, and the
 * five that describe the request. The entry point adds X-Forwarded-Port, X-Forwarded-Server and X-Real-Ip.
 */
function traefik(method: string, uri: string, proto: string, cookie: string): string {
  return (
    'GET /sidecar/traefik HTTP/1.1\r\n' +
    'Host: 127.0.0.1:9000\r\n' +
    'User-Agent: Mozilla/5.0\r\n' +
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n' +
    'Accept-Encoding: gzip, deflate, br\r\n' +
    `Cookie: ${cookie}\r\n` +
    'Sec-Fetch-Dest: document\r\n' +
    'Sec-Fetch-Mode: navigate\r\n' +
    'X-Forwarded-For: 203.0.113.7\r\n' +
    'X-Forwarded-Host: whoami.example.com\r\n' +
    `X-Forwarded-Method: ${method}\r\n` +
    'X-Forwarded-Port: 443\r\n' +
    `X-Forwarded-Proto: ${proto}\r\n` +
    'X-Forwarded-Server: 0c6bc3d5ed1f\r\n' +
    `X-Forwarded-Uri: ${uri}\r\n` +
    'X-Real-Ip: 203.0.113.7\r\n' +
    '\r\n'
  );
}

/**
 * What Envoy sends (envoyproxy.io, `envoy.extensions.filters.http.ext_authz.v3.HttpService` and
 * `AuthorizationRequest`): the method, the path behind `path_prefix`, Host and Authorization of the client's request,
 * Content-Length 0, what `allowed_headers` lets through, and what its own HTTP client adds: itself at the end of
 * X-Forwarded-For, and its time limit.
 */
function envoy(method: string, path: string, lines: readonly string[]): string {
  return (
    `${method} /sidecar/envoy${path} HTTP/1.1\r\n` +
    'host: www.example.com\r\n' +
    lines.map((line) => `${line}\r\n`).join('') +
    'content-length: 0\r\n' +
    'x-forwarded-proto: http\r\n' +
    'x-envoy-internal: true\r\n' +
    'x-forwarded-for: 203.0.113.7,127.0.0.1\r\n' +
    'x-envoy-expected-rq-timeout-ms: 5000\r\n' +
    '\r\n'
  );
}

describe('requests as the documents of their senders have them', () => {
  let gateway: Gateway;
  let cookie = '';
  let secure = '';
  beforeAll(async () => {
    gateway = await Gateway.start(await sidecarYaml(9));
    ({ cookie } = await logIn(gateway.edge));
    // At the edge behind a proxy that says https.
    const body = '{"username":"user1","password":"pass1"}';
    const bytes = `POST /auth/login HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`;
    secure = /^[^;]+/.exec((await ask(gateway.edge, bytes)).value('set-cookie') ?? '')?.[0] ?? '';
  });
  afterAll(async () => {
    await gateway.stop();
  });

  const asked = (bytes: string): Promise<RawResponse> => ask(gateway.control, bytes);

  it('Traefik lets somebody pass, over https and for a WebSocket', async () => {
    for (const proto of ['https', 'wss']) {
      const response = await asked(traefik('POST', '/api/x?a=1', proto, `a=1; ${secure}`));
      expect(response.status, proto).toBe(200);
      expect(response.values('x-userinfo')).toEqual([expect.stringContaining('"user1"')]);
      expect(response.values('cookie')).toEqual(['a=1']);
    }
    const line = await gateway.accessLine('it', (one) => one['path'] === '/api/x');
    expect(line).toMatchObject({ client: '203.0.113.7', method: 'POST', user: 'user1' });
  });

  it('Traefik sends somebody to log in, and clears what is no longer good', async () => {
    const response = await asked(traefik('GET', '/x', 'https', '__Host-portcullis=bad'));
    expect(response.status).toBe(302);
    expect(response.value('location')).toBe('/auth/login?next=%2Fx&ended=1');
    expect(response.value('set-cookie')).toMatch(/^__Host-portcullis=;.*Secure/);
  });

  it('Envoy lets somebody pass, and learns what to take away', async () => {
    const lines = [`cookie: ${cookie}`, 'authorization: Basic dXNlcjpwYXNz'];
    const response = await asked(envoy('PUT', '/service?x=y', lines));
    expect(response.status).toBe(200);
    expect(response.values('x-userinfo')).toEqual([expect.stringContaining('"user1"')]);
    expect(response.value('x-envoy-auth-headers-to-remove')).toBe('authorization,cookie,proxy');
    const line = await gateway.accessLine('it', (one) => one['path'] === '/service');
    expect(line).toMatchObject({ client: '203.0.113.7', method: 'PUT', user: 'user1' });
  });

  it('Envoy is told of nobody, and of the wrong role', async () => {
    expect((await asked(envoy('GET', '/service', []))).status).toBe(401);
    expect((await asked(envoy('GET', '/staff/x', [`cookie: ${cookie}`]))).status).toBe(403);
    expect((await asked(envoy('HEAD', '/service', []))).status).toBe(401);
  });
});
