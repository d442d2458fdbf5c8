import { expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { ask } from '../../support/raw-client.ts';
import { request } from '../../support/request.ts';
import { closed, EchoServer, nextMessage, openWebSocket } from '../../support/web-socket.ts';
import { waitFor } from '../../support/wait-for.ts';

it('WebSockets count in connectionsMax, wait in line, and give their places back', async () => {
  await using server = await EchoServer.start({});
  await using gateway = await Gateway.planned({
    upstreamPorts: [server.port],
    upstream: { connectionsMax: 2, connectTimeout: '1s' },
  });
  const { cookie } = await logIn(gateway.edge);
  const open = async (): Promise<number> =>
    await gateway.metric('portcullis_upstream_connections_open');
  const one = await openWebSocket(gateway.edge, '/', { cookie });
  const two = await openWebSocket(gateway.edge, '/', { cookie });
  expect(await open()).toBe(2);
  expect(await gateway.metric('portcullis_upstream_requests_in_flight')).toBe(2);
  // Nobody leaves in time.
  const refused = await ask(gateway.edge, request('GET', '/public/x', ['Connection: close']));
  expect(refused.status).toBe(503);
  await expect(openWebSocket(gateway.edge, '/', { cookie })).rejects.toThrow(/did not open/);
  // One leaves, and the one in line gets its place.
  const third = openWebSocket(gateway.edge, '/', { cookie });
  await waitFor(
    'the third in line',
    async () => (await gateway.metric('portcullis_upstream_requests_waiting')) === 1,
  );
  one.close();
  const socket = await third;
  socket.send('here');
  expect(await nextMessage(socket)).toBe('here');
  expect(await open()).toBe(2);
  for (const left of [two, socket]) {
    const ending = closed(left);
    left.close();
    await ending;
  }
  await waitFor('all places to be free', async () => (await open()) === 0);
  expect(await gateway.metric('portcullis_upstream_requests_in_flight')).toBe(0);
});

it('a WebSocket takes the place of a connection that only waits to be used again', async () => {
  await using server = await EchoServer.start({});
  await using gateway = await Gateway.planned({
    upstreamPorts: [server.port],
    upstream: { connectionsMax: 1 },
  });
  const { cookie } = await logIn(gateway.edge);
  const plain = await ask(gateway.edge, request('GET', '/public/x', ['Connection: close']));
  expect(plain.status).toBeGreaterThanOrEqual(200);
  const socket = await openWebSocket(gateway.edge, '/', { cookie });
  socket.send('here');
  expect(await nextMessage(socket)).toBe('here');
  const ending = closed(socket);
  socket.close();
  await ending;
  await waitFor(
    'its place to be free',
    async () => (await gateway.metric('portcullis_upstream_connections_open')) === 0,
  );
});
