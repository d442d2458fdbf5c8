import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateFolder, type MadeCertificate } from '../../support/certificates.ts';
import { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { RawClient } from '../../support/raw-client.ts';
import { RecordingUpstream } from '../../support/recording-upstream.ts';
import { waitFor } from '../../support/wait-for.ts';

const get = (host: string, path = '/public/x'): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

class Names {
  readonly #stack = new AsyncDisposableStack();
  #gateway: Gateway | undefined;
  #upstream: RecordingUpstream | undefined;

  get gateway(): Gateway {
    if (this.#gateway === undefined) throw new Error('not set');
    return this.#gateway;
  }

  get upstream(): RecordingUpstream {
    if (this.#upstream === undefined) throw new Error('not set');
    return this.#upstream;
  }

  async set(
    tls: Record<string, unknown>,
    issue: (folder: CertificateFolder) => Promise<readonly MadeCertificate[]>,
  ): Promise<void> {
    const folder = this.#stack.use(await CertificateFolder.make());
    this.#upstream = this.#stack.use(await RecordingUpstream.start());
    this.#gateway = this.#stack.use(
      await Gateway.planned({
        upstreamPorts: [this.#upstream.port],
        edge: { tls: { certificates: await issue(folder), ...tls } },
        routes: [{ exactPath: '/slow', auth: 'none', upstream: 'app' }],
      }),
    );
  }

  async connect(servername: string, options: Record<string, unknown> = {}): Promise<RawClient> {
    const { edge } = this.gateway;
    return await RawClient.connect(edge, { tls: { servername, ...options } });
  }

  async strike(): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function certificates(folder: CertificateFolder): Promise<readonly MadeCertificate[]> {
  return [
    await folder.issue({ subject: '/CN=first', names: ['first.example', 'also.example'] }),
    await folder.issue({ subject: '/CN=wild', names: ['*.wild.example'] }),
    await folder.issue({ subject: '/CN=exact', names: ['exact.wild.example', 'IP:127.0.0.1'] }),
  ];
}

const nameOf = (client: RawClient): unknown => client.secure.getPeerCertificate().subject.CN;

describe('a listener with several certificates', () => {
  const names = new Names();
  beforeAll(() => names.set({}, certificates));
  afterAll(() => names.strike());

  it.each([
    ['first.example', 'first'],
    ['also.example', 'first'],
    ['a.wild.example', 'wild'],
    ['A.WILD.example', 'wild'],
    ['exact.wild.example', 'exact'],
    ['wild.example', 'first'],
    ['a.b.wild.example', 'first'],
    ['unknown.example', 'first'],
    ['', 'first'],
  ])('shows a client that asks for "%s" the one called %s', async (asked, shown) => {
    await using client = await names.connect(asked);
    expect(nameOf(client)).toBe(shown);
  });

  it.each([
    ['first.example', 'first.example'],
    ['first.example', 'also.example'],
    ['first.example', 'FIRST.example.:443'],
    ['a.wild.example', 'b.wild.example'],
    ['unknown.example', 'unknown.example'],
    ['', 'whatever.example'],
    ['', 'first.example'],
  ])('serves a client that asked for "%s" the host %s', async (asked, host) => {
    await using client = await names.connect(asked);
    expect((await client.write(get(host)).response()).status).toBe(200);
  });

  it.each([
    ['first.example', 'a.wild.example'],
    ['first.example', 'unknown.example'],
    ['first.example', '127.0.0.1'],
    ['a.wild.example', 'exact.wild.example'],
    ['a.wild.example', 'first.example'],
    ['unknown.example', 'a.wild.example'],
    ['', 'exact.wild.example'],
    ['', '127.0.0.1'],
  ])('P60: answers 421 to a client that asked for "%s" and sends Host: %s', async (asked, host) => {
    const before = await names.gateway.metric(
      'portcullis_rejected_total',
      'reason="host-misdirected"',
    );
    const seen = names.upstream.requests.length;
    await using client = await names.connect(asked);
    const response = await client.write(get(host)).response();
    expect(response.status).toBe(421);
    expect(await client.closed()).toBe('end');
    expect(names.upstream.requests).toHaveLength(seen);
    expect(
      await names.gateway.metric('portcullis_rejected_total', 'reason="host-misdirected"'),
    ).toBe(before + 1);
  });

  it('P60: judges each request of a connection', async () => {
    await using client = await names.connect('first.example');
    expect((await client.write(get('first.example')).response()).status).toBe(200);
    expect((await client.write(get('a.wild.example')).response()).status).toBe(421);
  });

  it.each([
    [['http/1.1'], 'http/1.1'],
    [['h2', 'http/1.1'], 'h2'],
    [undefined, false],
  ])('agrees with a client that offers %s on %s', async (ALPNProtocols, agreed) => {
    await using client = await names.connect('first.example', { ALPNProtocols });
    expect(client.secure.alpnProtocol).toBe(agreed);
    if (agreed === 'h2') return; // another lane, with tests of its own
    expect((await client.write(get('first.example')).response()).status).toBe(200);
  });

  it.each([
    [
      'speaks nothing that we do',
      'protocol',
      { ALPNProtocols: ['spdy/3'] },
      /NO_APPLICATION_PROTO/,
    ],
    [
      'only knows TLS 1.1',
      'version',
      { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      /PROTOCOL_VERSION/,
    ],
    [
      'only knows weak ciphers',
      'cipher',
      { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' },
      /HANDSHAKE_FAILURE/,
    ],
  ])(
    'fails the handshake of a client that %s, and counts it',
    async (_what, reason, options, code) => {
      const labels = `reason="${reason}"`;
      const before = await names.gateway.metric('portcullis_tls_failures_total', labels);
      await expect(names.connect('first.example', options)).rejects.toMatchObject({
        code: expect.stringMatching(code) as unknown,
      });
      expect(await names.gateway.metric('portcullis_tls_failures_total', labels)).toBe(before + 1);
    },
  );

  it('counts clients that speak clear text, and those that leave', async () => {
    const of = (reason: string): Promise<number> =>
      names.gateway.metric('portcullis_tls_failures_total', `reason="${reason}"`);
    const [clear, gone] = [await of('not-tls'), await of('closed')];
    const plain = connect(names.gateway.edge, '127.0.0.1').on('error', () => {});
    plain.write(get('first.example'));
    const leaving = connect(names.gateway.edge, '127.0.0.1').on('error', () => {});
    leaving.write(Buffer.from([22, 3, 1, 1, 0, 1]));
    await waitFor('the second', async () => (await of('not-tls')) > clear);
    leaving.resetAndDestroy();
    await waitFor('both', async () => (await of('not-tls')) > clear && (await of('closed')) > gone);
    plain.destroy();
    await waitFor(
      'no connection',
      async () => (await names.gateway.metric('portcullis_connections_active')) === 0,
    );
  });

  it('ends with a client that says goodbye in the middle of a handshake', async () => {
    const labels = 'reason="closed"';
    const before = await names.gateway.metric('portcullis_tls_failures_total', labels);
    const socket = connect({ port: names.gateway.edge, host: '127.0.0.1', allowHalfOpen: true });
    socket.end(Buffer.from([22, 3, 1, 1, 0, 1]));
    await waitFor(
      'the end',
      async () => (await names.gateway.metric('portcullis_tls_failures_total', labels)) > before,
    );
    socket.destroy();
  });

  it('is secure: cookies with __Host-, and upstreams are told https', async () => {
    const { cookie, response } = await logIn(names.gateway.edge);
    expect(cookie).toMatch(/^__Host-portcullis=/);
    expect(response.value('set-cookie')).toContain('; Secure');
    await using client = await names.connect('first.example');
    const path = '/private';
    await client
      .write(`GET ${path} HTTP/1.1\r\nHost: first.example\r\nCookie: ${cookie}\r\n\r\n`)
      .response();
    const received = names.upstream.requests.at(-1);
    expect(received?.target).toBe(path);
    expect(received?.values('x-forwarded-proto')).toEqual(['https']);
  });
});

describe('a listener that refuses unknown names', () => {
  const names = new Names();
  const tls = {
    unknownNames: 'refuse',
    minVersion: 'TLSv1.3',
    handshakeTimeout: '300ms',
  };
  beforeAll(() =>
    names.set(tls, async (folder) => [
      { ...(await folder.issue({ names: ['ignored.example'] })), names: ['given.example'] },
      await folder.issue({ names: ['*.wild.example'] }),
    ]),
  );
  afterAll(() => names.strike());
  const failures = (reason: string): Promise<number> =>
    names.gateway.metric('portcullis_tls_failures_total', `reason="${reason}"`);

  it.each(['unknown.example', 'ignored.example', 'wild.example'])(
    'sends a client that asks for %s the alert unrecognized_name',
    async (asked) => {
      const before = await failures('unknown-name');
      await expect(names.connect(asked)).rejects.toMatchObject({
        code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
      });
      expect(await failures('unknown-name')).toBe(before + 1);
    },
  );

  it('fails the handshake of a client that asks for nobody', async () => {
    const before = await failures('unknown-name');
    await expect(names.connect('')).rejects.toThrow();
    expect(await failures('unknown-name')).toBe(before + 1);
  });

  it('serves names that were given in place of those in the certificate', async () => {
    await using client = await names.connect('given.example');
    expect((await client.write(get('given.example')).response()).status).toBe(200);
    await using second = await names.connect('given.example');
    expect((await second.write(get('nobody.example')).response()).status).toBe(421);
  });

  it('has the minimum version that was asked for', async () => {
    const before = await failures('version');
    await expect(names.connect('given.example', { maxVersion: 'TLSv1.2' })).rejects.toThrow();
    expect(await failures('version')).toBe(before + 1);
    await using client = await names.connect('given.example');
    expect(client.secure.getProtocol()).toBe('TLSv1.3');
  });

  it('P15: ends a handshake that takes too long', async () => {
    const before = await failures('timeout');
    const socket = connect(names.gateway.edge, '127.0.0.1').on('error', () => {});
    socket.write(Buffer.from([22, 3, 1, 1, 0, 1]));
    await waitFor('the time-out', async () => (await failures('timeout')) === before + 1);
    await waitFor(
      'the place to be free',
      async () => (await names.gateway.metric('portcullis_connections_active')) === 0,
    );
    socket.destroy();
  });
});

describe('the caps of a listener', () => {
  it('hold for handshakes that have not ended', async () => {
    await using folder = await CertificateFolder.make();
    await using upstream = await RecordingUpstream.start();
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      edge: {
        tls: { certificates: await certificates(folder) },
        limits: { connectionsPerAddressMax: 2 },
      },
    });
    const open = [0, 1].map(() => connect(gateway.edge, '127.0.0.1'));
    await waitFor('two', async () => (await gateway.metric('portcullis_connections_active')) === 2);
    const third = connect(gateway.edge, '127.0.0.1').on('error', () => {});
    await waitFor(
      'the third',
      async () => (await gateway.metric('portcullis_connections_shed_total')) === 1,
    );
    expect(await gateway.metric('portcullis_tls_failures_total')).toBe(0);
    for (const socket of [...open, third]) socket.destroy();
  });
});
