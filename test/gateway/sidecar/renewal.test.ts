import { describe, expect, it } from 'vitest';
import { startCaddy, startHaproxy, startNginx } from '../../support/front.ts';
import { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { ask } from '../../support/raw-client.ts';
import { RecordingUpstream, respond } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { sidecarYaml } from '../../support/sidecar-yaml.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('a cookie that is due to be renewed', () => {
  it('comes with answers for one client, never with those that caches may share', async () => {
    await using upstream = await RecordingUpstream.start();
    const yaml = await sidecarYaml(upstream.port);
    yaml.cookie = { maxAge: '1h' };
    yaml.sessions = { idleTimeout: '1h', touchInterval: '1ms' };
    await using gateway = await Gateway.start(yaml);
    const ports = { edge: gateway.edge, control: gateway.control, application: upstream.port };
    await using nginx = await startNginx(ports);
    await using haproxy = await startHaproxy(ports);
    await using caddy = await startCaddy(ports);
    const { cookie } = await logIn(gateway.edge);
    const renewed = async (port: number, cacheControl: string): Promise<string[]> => {
      upstream.answer = respond(200, cacheControl === '' ? [] : [['Cache-Control', cacheControl]]);
      const response = await ask(port, request('GET', '/x', [`Cookie: ${cookie}`]));
      expect(response.status).toBe(200);
      expect(response.values('cache-control')).toEqual([cacheControl || 'private']);
      return response.values('set-cookie');
    };
    for (const { name, port } of [{ name: 'edge', port: gateway.edge }, nginx, haproxy]) {
      for (const said of ['', 'private', 'no-cache']) {
        let cookies: string[] = [];
        await waitFor(`${name} to renew beside ${said}`, async () => {
          cookies = await renewed(port, said);
          return cookies.length > 0;
        });
        expect(cookies).toEqual([expect.stringMatching(/^portcullis=[^;]+;.*Max-Age=3600/)]);
      }
      for (const said of ['public, max-age=1', 's-maxage=1']) {
        for (let round = 0; round < 5; round++) expect(await renewed(port, said), name).toEqual([]);
      }
    }
    // As docs/sidecar.md says.
    for (let round = 0; round < 5; round++) expect(await renewed(caddy.port, '')).toEqual([]);
  });
});
