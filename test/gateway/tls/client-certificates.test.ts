import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateFolder, type MadeCertificate } from '../../support/certificates.ts';
import { Gateway } from '../../support/gateway.ts';
import { RawClient, type RawResponse } from '../../support/raw-client.ts';
import { RecordingUpstream, type ReceivedRequest } from '../../support/recording-upstream.ts';

const fields = {
  subjectField: 'X-Client-Subject',
  fingerprintField: 'X-Client-Fingerprint',
  namesField: 'X-Client-Names',
};

async function pairOf({ certFile, keyFile }: MadeCertificate): Promise<ConnectionOptions> {
  return { cert: await readFile(certFile), key: await readFile(keyFile) };
}

interface Parts {
  readonly gateway: Gateway;
  readonly upstream: RecordingUpstream;
  readonly known: ConnectionOptions;
  readonly stranger: ConnectionOptions;
  readonly odd: ConnectionOptions;
}

/** A gateway with two hosts, an authority for clients, and two clients: one of the authority, one of its own making. */
class Clients {
  readonly #stack = new AsyncDisposableStack();
  #parts: Parts | undefined;

  get parts(): Parts {
    if (this.#parts === undefined) throw new Error('not set');
    return this.#parts;
  }

  async set(mode: 'require' | 'request', more: Record<string, unknown> = {}): Promise<void> {
    const folder = this.#stack.use(await CertificateFolder.make());
    const upstream = this.#stack.use(await RecordingUpstream.start());
    const authority = await folder.issue({ subject: '/CN=authority', isAuthority: true });
    const known = await folder.issue({
      issuer: authority,
      subject: '/C=DE/O=Example, Inc/CN=ada',
      names: ['ada.example'],
    });
    const odd = await folder.issue({ issuer: authority, subject: '/CN=\u00fcber' });
    const certificates = [
      await folder.issue({ names: ['one.example'] }),
      await folder.issue({ names: ['two.example'] }),
    ];
    const clientCertificates = { mode, caFile: authority.certFile, ...fields, ...more };
    const gateway = this.#stack.use(
      await Gateway.planned({
        upstreamPorts: [upstream.port],
        edge: { tls: { certificates, clientCertificates } },
      }),
    );
    this.#parts = {
      gateway,
      upstream,
      known: await pairOf(known),
      stranger: await pairOf(await folder.issue({ subject: '/CN=ada' })),
      odd: await pairOf(odd),
    };
  }

  async ask(
    options: ConnectionOptions,
    lines: readonly string[] = [],
  ): Promise<{ response: RawResponse; received: ReceivedRequest }> {
    const { gateway, upstream } = this.parts;
    const tls = { servername: 'one.example', ...options };
    await using client = await RawClient.connect(gateway.edge, { tls });
    const head = ['GET /public/x HTTP/1.1', `Host: ${tls.servername}`, ...lines, '', ''];
    const response = await client.write(head.join('\r\n')).response();
    const received = upstream.requests.at(-1);
    if (received === undefined) throw new Error('nothing was forwarded');
    return { response, received };
  }

  async strike(): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

const spoofed = [
  'X-Client-Subject: CN=root',
  'x_client_subject: CN=root',
  'X-Client-Fingerprint: 00',
  'X.Client.Names: DNS:root',
];

describe.each(['require', 'request'] as const)('client certificates, mode %s', (mode) => {
  const clients = new Clients();
  beforeAll(() => clients.set(mode));
  afterAll(() => clients.strike());

  it('tell upstreams who the client is, in the configured fields and nothing else', async () => {
    const { response, received } = await clients.ask(clients.parts.known, spoofed);
    expect(response.status).toBe(200);
    expect(received.values('x-client-subject')).toEqual(['CN=ada,O=Example\\, Inc,C=DE']);
    expect(received.values('x-client-fingerprint')).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
    expect(received.values('x-client-names')).toEqual(['DNS:ada.example']);
    expect(received.head).not.toContain('root');
  });

  it('reach upstreams in printable ASCII, whatever they hold', async () => {
    const { received } = await clients.ask(clients.parts.odd);
    expect(received.values('x-client-subject')).toEqual(['CN=\\C3\\BCber']);
    expect(received.values('x-client-names')).toEqual([]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'of somebody else end the connection, on %s',
    async (maxVersion) => {
      const { gateway, stranger, upstream } = clients.parts;
      const labels = 'reason="client-certificate"';
      const before = await gateway.metric('portcullis_tls_failures_total', labels);
      const seen = upstream.requests.length;
      await expect(clients.ask({ ...stranger, maxVersion })).rejects.toThrow();
      expect(upstream.requests).toHaveLength(seen);
      expect(await gateway.metric('portcullis_tls_failures_total', labels)).toBe(before + 1);
    },
  );

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'P60: no session of theirs is resumed, neither by another name nor by the same: %s',
    async (maxVersion) => {
      const { gateway, known } = clients.parts;
      const options = { ...known, servername: 'one.example', maxVersion };
      await using client = await RawClient.connect(gateway.edge, { tls: options });
      const sessions: Buffer[] = [];
      client.secure.on('session', (session) => sessions.push(session));
      await client.write('GET /public/x HTTP/1.1\r\nHost: one.example\r\n\r\n').response();
      const session = sessions.at(-1) ?? client.secure.getSession();
      if (session === undefined) throw new Error('no session');
      for (const servername of ['two.example', 'one.example']) {
        const anonymous = { servername, maxVersion, session };
        if (mode === 'require') await expect(clients.ask(anonymous)).rejects.toThrow();
        else {
          const { received, response } = await clients.ask(anonymous);
          expect(response.status).toBe(200);
          expect(received.head.toLowerCase()).not.toContain('x-client-');
        }
      }
      expect(await gateway.metric('portcullis_tls_handshakes_total', 'kind="resumed"')).toBe(0);
    },
  );
});

describe('a client without a certificate', () => {
  const clients = new Clients();
  beforeAll(() => clients.set('request'));
  afterAll(() => clients.strike());

  it('is served where one is only requested, and cannot pretend to have one', async () => {
    const { received, response } = await clients.ask({}, spoofed);
    expect(response.status).toBe(200);
    expect(received.head).not.toContain('root');
    expect(received.head.toLowerCase()).not.toContain('client');
  });
});

describe('a client without a certificate, where one is required', () => {
  const clients = new Clients();
  beforeAll(() => clients.set('require'));
  afterAll(() => clients.strike());

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is refused by an alert, on %s', async (maxVersion) => {
    const { gateway } = clients.parts;
    const labels = 'reason="client-certificate"';
    const before = await gateway.metric('portcullis_tls_failures_total', labels);
    await expect(clients.ask({ maxVersion })).rejects.toThrow();
    expect(await gateway.metric('portcullis_tls_failures_total', labels)).toBe(before + 1);
  });
});
