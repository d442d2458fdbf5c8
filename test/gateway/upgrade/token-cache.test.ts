import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { mintToken } from '../../../demo/multinode/tiers.ts';
import { Gateway } from '../../support/gateway.ts';
import { askAt } from '../../support/multinode.ts';
import { closed, EchoServer, nextMessage, openWebSocket } from '../../support/web-socket.ts';

const zonePath = '/zones/9/http/keyvals/tokens';

it('a WebSocket carries the token of its key in the handshake, and a key that is blocked opens none', async () => {
  await using upstream = await EchoServer.start();
  const token = mintToken();
  const service = createServer((_, response) => response.end(token)).listen(0, '127.0.0.1');
  await once(service, 'listening');
  await using resources = new AsyncDisposableStack();
  resources.defer(() => void service.close());
  const { port } = service.address() as AddressInfo; // it listens on TCP
  await using gateway = await Gateway.planned({
    upstreamPorts: [upstream.port],
    routes: [
      { path: '/zones/', endpoint: 'keyval', keyval: { write: true }, auth: 'none' },
      { path: '/', auth: 'token-cache', tokenCache: 'main', upstream: 'app' },
    ],
    sections: {
      zones: { tokens: { timeout: '120s' } },
      tokenCaches: {
        main: {
          zone: 'tokens',
          key: ['header:User-Agent'],
          service: { url: `http://127.0.0.1:${String(port)}/` },
        },
      },
    },
  });
  const open = (agent: string): ReturnType<typeof openWebSocket> =>
    openWebSocket(gateway.edge, '/chat', { fields: { 'User-Agent': agent, 'X-Authkey': 'mine' } });
  const socket = await open('one');
  expect(upstream.handshakes.at(-1)?.headers['x-authkey']).toBe(token);
  socket.send('hello');
  expect(await nextMessage(socket)).toBe('hello');
  const write = { method: 'PATCH', path: zonePath, body: JSON.stringify({ one: '0' }) };
  expect((await askAt(gateway.edge, write)).status).toBe(204);
  await expect(open('one')).rejects.toThrow(/did not open/);
  const other = await open('two');
  expect(upstream.handshakes).toHaveLength(2);
  for (const one of [socket, other]) {
    const ending = closed(one);
    one.close();
    await ending;
  }
});
