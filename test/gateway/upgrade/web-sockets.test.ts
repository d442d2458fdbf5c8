import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { closed, EchoServer, nextMessage, openWebSocket } from '../../support/web-socket.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('a WebSocket through the gateway', () => {
  const stack = new AsyncDisposableStack();
  let server: EchoServer;
  let gateway: Gateway;
  let cookie = '';

  beforeAll(async () => {
    server = stack.use(
      await EchoServer.start({
        perMessageDeflate: { threshold: 0 },
        handleProtocols: (offered) => (offered.has('two') ? 'two' : false),
      }),
    );
    gateway = stack.use(
      await Gateway.planned({
        upstreamPorts: [server.port],
        edge: { limits: { connectionsPerAddressMax: 0 } },
      }),
    );
    ({ cookie } = await logIn(gateway.edge));
  });
  afterAll(() => stack.disposeAsync());

  it('carries messages both ways, with who it is in the handshake', async () => {
    const socket = await openWebSocket(gateway.edge, '/chat?room=1', { cookie });
    socket.send('hello');
    expect(await nextMessage(socket)).toBe('hello');
    const seen = server.handshakes.at(-1);
    expect(seen?.url).toBe('/chat?room=1');
    const names = (seen?.rawHeaders ?? []).filter((_, index) => index % 2 === 0);
    for (const name of ['x-userinfo', 'x-request-id', 'x-forwarded-for', 'host', 'upgrade']) {
      expect(
        names.filter((one) => one.toLowerCase() === name),
        name,
      ).toHaveLength(1);
    }
    expect(seen?.headers['x-userinfo']).toContain('user1');
    expect(seen?.headers['cookie']).toBeUndefined();
    expect(seen?.headers['connection']).toBe('Upgrade');
    const ending = closed(socket);
    socket.close(4001, 'bye');
    expect(await ending).toEqual({ code: 4001, reason: 'bye' });
    await gateway.accessLine('the WebSocket', (line) => line['status'] === 101);
  });

  it('is refused without a session', async () => {
    await expect(openWebSocket(gateway.edge, '/chat')).rejects.toThrow(/did not open/);
  });

  it('passes subprotocols and extensions on untouched', async () => {
    const socket = await openWebSocket(gateway.edge, '/', { cookie, protocols: ['one', 'two'] });
    expect(socket.protocol).toBe('two');
    expect(socket.extensions).toContain('permessage-deflate');
    expect(server.handshakes.at(-1)?.headers['sec-websocket-protocol']).toMatch(/^one, ?two$/);
    socket.close();
    await closed(socket);
  });

  it('carries large messages, and fragmented ones', async () => {
    const socket = await openWebSocket(gateway.edge, '/', { cookie });
    const large = randomBytes(8 * 1024 * 1024);
    socket.send(large);
    const back = await nextMessage(socket, 20_000);
    expect(Buffer.from(back as ArrayBuffer).equals(large)).toBe(true); // binaryType says so
    const peer = server.sockets.at(-1);
    const next = nextMessage(socket);
    for (const piece of ['frag', 'men', 'ted']) peer?.send(piece, { fin: piece === 'ted' });
    expect(await next).toBe('fragmented');
    socket.close();
    await closed(socket);
  });

  it('carries the close code of the server', async () => {
    const socket = await openWebSocket(gateway.edge, '/', { cookie });
    const ending = closed(socket);
    server.sockets.at(-1)?.close(4321, 'server says so');
    expect(await ending).toEqual({ code: 4321, reason: 'server says so' });
  });

  it('carries pings and pongs', async () => {
    const socket = await openWebSocket(gateway.edge, '/', { cookie });
    const peer = server.sockets.at(-1);
    const pong = new Promise((resolve) => peer?.once('pong', resolve));
    peer?.ping('are you there');
    expect(String(await pong)).toBe('are you there');
    socket.close();
    await closed(socket);
  });

  it('is one of 500, and none loses a message', async () => {
    const sockets = await Promise.all(
      Array.from({ length: 500 }, () => openWebSocket(gateway.edge, '/', { cookie })),
    );
    expect(await gateway.metric('portcullis_streams_active')).toBe(500);
    const answers = await Promise.all(
      sockets.map(async (socket, index) => {
        const message = `${String(index)} ${'x'.repeat(index)}`;
        const answer = nextMessage(socket, 20_000);
        socket.send(message);
        return (await answer) === message;
      }),
    );
    expect(answers.every(Boolean)).toBe(true);
    const endings = Promise.all(sockets.map((socket) => closed(socket)));
    for (const socket of sockets) socket.close();
    await endings;
    await waitFor(
      'the streams to end',
      async () => (await gateway.metric('portcullis_streams_active')) === 0,
    );
    await waitFor('the upstream sockets to end', () => server.openCount === 0);
  });
});
