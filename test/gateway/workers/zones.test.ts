import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import type { GatewayYaml } from '../../support/gateway-yaml.ts';
import { patientMs } from '../../support/patience.ts';
import { ask, RawClient, type RawResponse } from '../../support/raw-client.ts';
import { ok, RecordingUpstream } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';

const tokens = '/api/9/http/keyvals/tokens';

function yamlOf(folder: string, upstreamPort: number): GatewayYaml {
  return {
    workers: 2,
    accessLog: { enabled: false },
    listeners: {
      edge: {
        routes: [
          { path: '/api/', host: 'a', endpoint: 'keyval', auth: 'none', keyval: { write: true } },
          { exactPath: '/made', auth: 'none', respond: { status: 200, body: 'a-token-of-text' } },
          { path: '/', auth: 'token-cache', tokenCache: 'main', upstream: 'app' },
        ],
      },
    },
    upstreams: { app: { servers: [`127.0.0.1:${String(upstreamPort)}`] } },
    zones: { tokens: { timeout: '1h' } },
    tokenCaches: {
      main: {
        zone: 'tokens',
        key: ['header:Remote-User'],
        service: { url: 'http://127.0.0.1:{port:edge}/made', format: 'text' },
      },
    },
    sessions: { store: { type: 'sqlite', path: join(folder, 'sessions.db') } },
    tokens: { keys: [{ id: 'k1', secret: 'workers of one machine have one secret' }] },
  };
}

function write(port: number, method: string, body = ''): Promise<RawResponse> {
  const lines = body === '' ? [] : [`Content-Length: ${String(body.length)}`];
  return ask(port, request(method, tokens, [...lines, 'Connection: close'], body));
}

describe('zones of workers that share a file', { timeout: patientMs(120_000) }, () => {
  it('are changed on every worker before that is answered, and survive a restart', async () => {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-zones-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const upstream = stack.use(await RecordingUpstream.start({ answer: ok() }));
    const yaml = yamlOf(folder, upstream.port);
    {
      await using gateway = await Gateway.start(yaml);
      // Connections fall to one worker or the other: of so many each has some.
      const clients: RawClient[] = [];
      await using closing = new AsyncDisposableStack();
      for (let count = 0; count < 12; count += 1) {
        clients.push(closing.use(await RawClient.connect(gateway.edge)));
      }
      const statuses = async (): Promise<Set<number>> => {
        const bytes = request('GET', '/x', ['Remote-User: user1']);
        return new Set(
          await Promise.all(
            clients.map(async (client) => (await client.write(bytes).response()).status),
          ),
        );
      };
      for (let round = 0; round < 10; round += 1) {
        expect(await statuses()).toEqual(new Set([200]));
        expect((await write(gateway.edge, 'PATCH', '{"user1":"0"}')).status).toBe(204);
        expect(await statuses()).toEqual(new Set([403]));
        expect((await write(gateway.edge, 'DELETE')).status).toBe(204);
      }
      const sync = await ask(
        gateway.edge,
        request('GET', '/api/9/stream/zone_sync', ['Connection: close']),
      );
      expect(sync.text()).toContain('"nodes_online":1');
      await write(gateway.edge, 'POST', '{"user2":"0"}');
    }
    await using again = await Gateway.start(yaml);
    expect((await ask(again.edge, request('GET', '/x', ['Remote-User: user2']))).status).toBe(403);
    expect(upstream.requests.at(-1)?.values('x-authkey')).toEqual(['a-token-of-text']);
  });
});
