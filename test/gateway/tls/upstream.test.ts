import { readFile } from 'node:fs/promises';
import { createServer as createPlain, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateFolder, type MadeCertificate } from '../../support/certificates.ts';
import { Gateway } from '../../support/gateway.ts';
import { NameServer } from '../../support/name-server.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { waitFor } from '../../support/wait-for.ts';

const get = 'GET /public/x HTTP/1.1\r\nHost: a\r\n\r\n';

/** A server over TLS that answers each head with who asked and how. */
class SecureServer {
  readonly #server: Server;
  readonly sockets: Socket[] = [];
  body = 'ok';

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => this.sockets.push(socket));
  }

  static async start(pair: MadeCertificate, options: TlsOptions = {}): Promise<SecureServer> {
    const cert = await readFile(pair.certFile);
    const key = await readFile(pair.keyFile);
    const secure = createServer({ ALPNProtocols: ['http/1.1'], ...options, cert, key });
    const server = new SecureServer(secure);
    secure.on('secureConnection', (socket) => server.#serve(socket));
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: TLSSocket): void {
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      const sent = text.slice(end + 4);
      text = '';
      const who = socket.getPeerX509Certificate()?.subject ?? '';
      const body = sent === '' ? this.body : sent;
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Length: ${String(body.length)}\r\nX-Asked: ${String(socket.servername)}\r\nX-Who: ${who}\r\n\r\n${body}`,
      );
    });
  }
}

describe('an upstream over TLS', () => {
  const stack = new AsyncDisposableStack();
  let folder: CertificateFolder | undefined;
  let authority: MadeCertificate = { certFile: '', keyFile: '' };
  let named: MadeCertificate = authority;
  let addressed: MadeCertificate = authority;
  beforeAll(async () => {
    folder = stack.use(await CertificateFolder.make());
    authority = await folder.issue({ subject: '/CN=authority', isAuthority: true });
    named = await folder.issue({ issuer: authority, names: ['app.internal'] });
    addressed = await folder.issue({ issuer: authority, names: ['IP:127.0.0.1'] });
  });
  afterAll(() => stack.disposeAsync());

  const gatewayTo = async (port: number, tls: Record<string, unknown>): Promise<Gateway> => {
    const servers = [`https://127.0.0.1:${String(port)}`];
    const demo = { connectTimeout: '500ms', tls, servers };
    return await Gateway.planned({ upstreamPorts: [], sections: { upstreams: { app: demo } } });
  };
  const failures = (gateway: Gateway, kind: string): Promise<number> =>
    gateway.metric('portcullis_upstream_failures_total', `kind="${kind}"`);

  it('is verified by the authorities that are configured, by its address', async () => {
    await using server = await SecureServer.start(addressed);
    await using gateway = await gatewayTo(server.port, { caFile: authority.certFile });
    const response = await ask(gateway.edge, get);
    expect(response.status).toBe(200);
    expect(response.value('x-asked')).toBe('false');
    expect(gateway.process.stdout + gateway.process.stderr).not.toContain('verify: false');
  });

  it('is asked for the configured name and has to prove that', async () => {
    await using server = await SecureServer.start(named);
    const tls = { caFile: authority.certFile, serverName: 'app.internal' };
    await using gateway = await gatewayTo(server.port, tls);
    expect((await ask(gateway.edge, get)).value('x-asked')).toBe('app.internal');
  });

  it.each([
    ['the name, it is believed', () => named, 200],
    ['its address alone, it is not', () => addressed, 502],
  ])('that is found by its name has to prove that: with %s', async (_claim, pair, status) => {
    await using server = await SecureServer.start(pair());
    await using names = await NameServer.start({ 'app.internal': ['127.0.0.1'] });
    const app = {
      servers: [`https://app.internal:${String(server.port)}`],
      names: { servers: [names.address] },
      tls: { caFile: authority.certFile },
    };
    await using gateway = await Gateway.planned({
      upstreamPorts: [],
      sections: { upstreams: { app } },
    });
    const response = await ask(gateway.edge, get);
    expect(response.status).toBe(status);
    if (status === 200) expect(response.value('x-asked')).toBe('app.internal');
  });

  it('is asked over TLS how it is, by the same rules', async () => {
    await using server = await SecureServer.start(named);
    const health = { path: '/', interval: '200ms', timeout: '200ms', rise: 1, fall: 1 };
    const believed = { caFile: authority.certFile, serverName: 'app.internal' };
    const servers = [`https://127.0.0.1:${String(server.port)}`];
    await using gateway = await Gateway.planned({
      upstreamPorts: [],
      sections: {
        upstreams: {
          app: { servers, health, tls: believed },
          other: { servers, health, tls: { caFile: authority.certFile } },
        },
      },
    });
    const unhealthy = async (upstream: string): Promise<number> =>
      await gateway.metric(
        'portcullis_upstream_servers',
        `upstream="${upstream}",server="${servers[0]?.slice('https://'.length) ?? ''}",state="unhealthy"`,
      );
    await waitFor('the wrong name to be found', async () => (await unhealthy('other')) === 1);
    await waitFor('the right one to be believed', async () => (await unhealthy('app')) === 0);
  });

  it.each([
    ['its authority is unknown', () => ({}), () => addressed],
    ['its certificate has another name', () => ({ caFile: authority.certFile }), () => named],
  ])('is not believed where %s: 502, counted as tls', async (_why, tls, pair) => {
    await using server = await SecureServer.start(pair());
    await using gateway = await gatewayTo(server.port, tls());
    expect((await ask(gateway.edge, get)).status).toBe(502);
    expect(await failures(gateway, 'tls')).toBe(1);
    expect(await gateway.metric('portcullis_upstream_connections_open')).toBe(0);
  });

  it('is believed unseen where that is asked for, which is warned of', async () => {
    await using server = await SecureServer.start(named);
    await using gateway = await gatewayTo(server.port, { verify: false });
    expect((await ask(gateway.edge, get)).status).toBe(200);
    await waitFor('the warning', () => {
      const { stderr, stdout } = gateway.process;
      return `${stdout}${stderr}`.includes('verify: false');
    });
  });

  it('is shown our certificate where it asks for one', async () => {
    const own = await folder?.issue({ issuer: authority, subject: '/CN=gateway' });
    const ca = await readFile(authority.certFile);
    const wanted = { requestCert: true, rejectUnauthorized: true, ca };
    await using server = await SecureServer.start(addressed, wanted);
    const tls = { caFile: authority.certFile };
    await using silent = await gatewayTo(server.port, tls);
    expect((await ask(silent.edge, get)).status).toBe(502);
    expect(await failures(silent, 'tls')).toBe(1);
    await using gateway = await gatewayTo(server.port, { ...tls, clientCertificate: own });
    expect((await ask(gateway.edge, get)).value('x-who')).toBe('CN=gateway');
  });

  it('keeps its connection, and large bodies pass both ways unharmed', async () => {
    await using server = await SecureServer.start(addressed);
    await using gateway = await gatewayTo(server.port, { caFile: authority.certFile });
    const body = Buffer.alloc(1_000_000, 'abcdefghij0123456789').toString('latin1');
    server.body = body;
    await using client = await RawClient.connect(gateway.edge);
    for (let round = 0; round < 3; round++) {
      const response = await client.write(get).response();
      expect(response.text() === body).toBe(true);
      const post = `POST /public/x HTTP/1.1\r\nHost: a\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`;
      expect((await client.write(post).response()).text() === body).toBe(true);
    }
    expect(server.sockets).toHaveLength(1);
  });

  it('many connections share a read buffer without mixing what they read', async () => {
    await using server = await SecureServer.start(addressed);
    await using gateway = await gatewayTo(server.port, { caFile: authority.certFile });
    const answers = await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        const body = String.fromCharCode(97 + index).repeat(200_000);
        const head = `POST /public/x HTTP/1.1\r\nHost: a\r\nContent-Length: ${String(body.length)}\r\n\r\n`;
        return (await ask(gateway.edge, head + body)).text() === body;
      }),
    );
    expect(answers).toEqual(answers.map(() => true));
  });

  it('that speaks no TLS is 502; one that is silent runs into the connect time-out, 504', async () => {
    const answering = createPlain((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    }).listen(0, '127.0.0.1');
    await once(answering, 'listening');
    await using clear = new SecureServer(answering);
    await using first = await gatewayTo(clear.port, {});
    expect((await ask(first.edge, get)).status).toBe(502);
    expect(await failures(first, 'tls')).toBe(1);
    const silent = createPlain(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    await using mute = new SecureServer(silent);
    await using second = await gatewayTo(mute.port, {});
    expect((await ask(second.edge, get)).status).toBe(504);
    expect(await failures(second, 'connect-timeout')).toBe(1);
  });
});
