import { describe, expect, it } from 'vitest';
import { METHOD_OVERRIDES } from '../../../src/http/field-names.ts';
import { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { ask, type RawResponse } from '../../support/raw-client.ts';
import { RecordingUpstream, respond } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { sidecarYaml } from '../../support/sidecar-yaml.ts';

describe('a sidecar whose routes add tokens', () => {
  it('brings the token that the edge would add, and says no where it is blocked', async () => {
    await using service = await RecordingUpstream.start({
      answer: respond(200, [], 'a-fresh-token'),
    });
    const yaml = await sidecarYaml(9, [
      { path: '/api/', upstream: 'app', tokenCache: 'api' },
      { path: '/anybody/', auth: 'token-cache', upstream: 'app', tokenCache: 'said' },
      { path: '/read/', methods: ['GET'], upstream: 'app' },
      { path: '/keyvals/', host: 'a', endpoint: 'keyval', keyval: { write: true } },
    ]);
    yaml.zones = { tokens: { timeout: '300s' }, said: { timeout: '300s' } };
    const url = `http://127.0.0.1:${String(service.port)}/`;
    yaml.tokenCaches = {
      api: { zone: 'tokens', key: ['principal'], service: { url, format: 'text' } },
      said: {
        zone: 'said',
        key: ['header:Remote-User'],
        required: ['header:Remote-User'],
        service: { url, format: 'text' },
      },
    };
    await using gateway = await Gateway.start(yaml);
    const { cookie } = await logIn(gateway.edge);
    const put = (uri: string, ...lines: string[]): Promise<RawResponse> =>
      ask(
        gateway.control,
        request('GET', '/sidecar/nginx', [
          ...['X-Original-Method: GET', `X-Original-URL: http://a${uri}`, ...lines],
        ]),
      );
    const own = [`Cookie: ${cookie}`, 'X-Authkey: mine'];
    for (let round = 0; round < 2; round++) {
      const response = await put('/api/x', ...own);
      expect(response.status).toBe(200);
      expect(response.values('x-authkey')).toEqual(['a-fresh-token']);
      expect(response.values('x-userinfo')).toEqual([expect.stringContaining('"user1"')]);
    }
    expect(service.requests).toHaveLength(1);
    expect((await put('/api/x', 'X-Authkey: mine')).status).toBe(401);
    expect((await put('/x', ...own)).values('x-authkey')).toEqual([]);

    // The edge removes them on every route; Envoy only what it is told to.
    const envoy = async (uri: string): Promise<string[] | undefined> => {
      const lines = ['X-Forwarded-Proto: http', ...own];
      const response = await ask(gateway.control, request('GET', `/sidecar/envoy${uri}`, lines));
      expect(response.status).toBe(200);
      return response.value('x-envoy-auth-headers-to-remove')?.split(',');
    };
    expect(await envoy('/x')).toContain('x-authkey');
    expect(await envoy('/public/x')).toEqual(
      expect.arrayContaining(['x-authkey', 'x-userinfo', ...METHOD_OVERRIDES]),
    );
    expect(await envoy('/api/x')).not.toContain('x-authkey');
    expect(await envoy('/api/x')).not.toContain('x-userinfo');

    const said = await put('/anybody/x', 'Remote-User: ada', 'X-Authkey: mine');
    expect([said.status, ...said.values('x-authkey')]).toEqual([200, 'a-fresh-token']);
    expect((await put('/anybody/x')).status).toBe(403);
    const body = '{"ada":"0"}';
    const block = request(
      'PATCH',
      '/keyvals/8/http/keyvals/said',
      [`Content-Length: ${String(body.length)}`],
      body,
    );
    expect((await ask(gateway.edge, block)).status).toBe(204);
    const blocked = await put('/anybody/x', 'Remote-User: ada');
    expect([blocked.status, ...blocked.values('x-authkey')]).toEqual([403]);
    // The keyval API itself is none of the application's.
    expect((await put('/keyvals/8/http/keyvals/said', ...own)).status).toBe(403);
  });
});
