import { describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { ask, type RawResponse } from '../../support/raw-client.ts';
import { request } from '../../support/request.ts';

function asks(gateway: Gateway, user: string, lines: readonly string[] = []): Promise<RawResponse> {
  const described = ['Method: GET', 'Proto: http', 'Host: a', 'Uri: /t/x'];
  const fields = described.map((line) => `X-Forwarded-${line}`);
  return ask(
    gateway.port('asked'),
    request('GET', '/sidecar', [...fields, ...lines, `Remote-User: ${user}`, 'Connection: close']),
  );
}

describe('a proxy that asks about a route with a token cache', () => {
  it('gets the token with the yes, and no yes without one', async () => {
    await using gateway = await Gateway.start({
      listeners: {
        edge: {
          routes: [
            { path: '/api/', host: 'a', endpoint: 'keyval', auth: 'none', keyval: { write: true } },
            { exactPath: '/made', auth: 'none', respond: { status: 200, body: 'a-token-of-text' } },
            { path: '/t/', auth: 'token-cache', tokenCache: 'main', upstream: 'app' },
          ],
        },
        asked: {
          trustedPeers: ['127.0.0.1/32'],
          sidecars: [{ path: '/sidecar', profile: 'traefik', decidesAs: 'edge' }],
          routes: [{ exactPath: '/', auth: 'none', respond: { status: 404 } }],
        },
      },
      upstreams: { app: { servers: ['127.0.0.1:9'] } },
      zones: { tokens: { timeout: '1h' } },
      tokenCaches: {
        main: {
          zone: 'tokens',
          key: ['header:Remote-User'],
          required: ['header:Remote-User'],
          requiredLengthMin: 2,
          service: { url: 'http://127.0.0.1:{port:edge}/made', format: 'text' },
        },
      },
    });
    for (let round = 0; round < 2; round += 1) {
      const yes = await asks(gateway, 'user1', ['X-Authkey: forged']);
      expect([yes.status, yes.values('x-authkey')]).toEqual([200, ['a-token-of-text']]);
    }
    expect((await asks(gateway, 'u')).status).toBe(403);
    const body = '{"user1":"0"}';
    const block = request(
      'PATCH',
      '/api/9/http/keyvals/tokens',
      [`Content-Length: ${String(body.length)}`],
      body,
    );
    expect((await ask(gateway.edge, block)).status).toBe(204);
    const no = await asks(gateway, 'user1');
    expect([no.status, no.values('x-authkey')]).toEqual([403, []]);
  });
});
