import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import { CertificateFolder, type MadeCertificate } from '../../support/certificates.ts';
import { Gateway } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';
import { waitFor } from '../../support/wait-for.ts';
import { closing, frame, handshake, readFrames } from '../../support/web-socket.ts';

/** A WebSocket server over TLS that sends every message back. */
class SecureEchoServer implements AsyncDisposable {
  readonly names: unknown[] = [];
  readonly sockets: ServerSocket[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('secureConnection', (socket) => this.names.push(socket.servername));
    new WebSocketServer({ server }).on('connection', (socket) => {
      this.sockets.push(socket);
      socket.on('message', (bytes, isBinary) => socket.send(bytes, { binary: isBinary }));
      socket.on('error', () => {});
    });
  }

  static async start({ certFile, keyFile }: MadeCertificate): Promise<SecureEchoServer> {
    const server = createServer({ cert: await readFile(certFile), key: await readFile(keyFile) });
    const echo = new SecureEchoServer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return echo;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describe('a WebSocket over TLS on both sides', () => {
  const stack = new AsyncDisposableStack();
  let server: SecureEchoServer;
  let authority: MadeCertificate;
  let edge: MadeCertificate;

  beforeAll(async () => {
    const folder = stack.use(await CertificateFolder.make());
    authority = await folder.issue({ subject: '/CN=authority', isAuthority: true });
    edge = await folder.issue({ names: ['a'] });
    const named = await folder.issue({ issuer: authority, names: ['app.internal'] });
    server = stack.use(await SecureEchoServer.start(named));
  });
  afterAll(() => stack.disposeAsync());

  const gatewayWith = async (tls: Record<string, unknown>): Promise<Gateway> => {
    const app = { servers: [`https://127.0.0.1:${String(server.port)}`], tls };
    return await Gateway.planned({
      upstreamPorts: [],
      edge: { tls: { certificates: [edge] } },
      sections: { upstreams: { app } },
    });
  };
  const opening = async (gateway: Gateway): Promise<RawClient> => {
    const client = await RawClient.connect(gateway.edge, { tls: { servername: 'a' } });
    client.write(handshake('/public/x').replace('Origin: http://a', 'Origin: https://a'));
    return client;
  };

  it('carries frames, asks the server for its name, and says farewell', async () => {
    await using gateway = await gatewayWith({
      caFile: authority.certFile,
      serverName: 'app.internal',
    });
    const client = await opening(gateway);
    expect(await client.informational()).toBe(101);
    expect(server.names.at(-1)).toBe('app.internal');
    client.write(frame(1, 'hello', { mask: Buffer.from([1, 2, 3, 4]) }));
    await waitFor('the echo', () => client.pending.includes('hello'));
    gateway.process.signal('SIGTERM');
    expect(await client.closed()).toBe('end');
    const { frames } = readFrames(client.pending);
    expect(closing(frames.at(-1)?.payload ?? Buffer.alloc(2))).toEqual([1012, 'restarting']);
  });

  it('a server that breaks off is seen by the client, and harms nobody else', async () => {
    await using gateway = await gatewayWith({
      caFile: authority.certFile,
      serverName: 'app.internal',
    });
    const client = await opening(gateway);
    expect(await client.informational()).toBe(101);
    server.sockets.at(-1)?.terminate();
    await client.closed();
    const next = await opening(gateway);
    expect(await next.informational()).toBe(101);
    next.reset();
  });

  it('a server that does not prove its name is not believed: 502, counted as tls', async () => {
    await using gateway = await gatewayWith({ caFile: authority.certFile });
    const client = await opening(gateway);
    expect((await client.response()).status).toBe(502);
    expect(await gateway.metric('portcullis_upstream_failures_total', 'kind="tls"')).toBe(1);
  });
});
