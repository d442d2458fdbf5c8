import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateFolder } from '../support/certificates.ts';
import { Gateway } from '../support/gateway.ts';
import { RawClient } from '../support/raw-client.ts';
import { within } from '../support/wait-for.ts';

describe('P60: a connection serves the hosts of its certificate', () => {
  const stack = new AsyncDisposableStack();
  let gateway: Gateway;
  beforeAll(async () => {
    const folder = stack.use(await CertificateFolder.make());
    const certificates = [
      await folder.issue({ names: ['one.example', 'also.example'] }),
      await folder.issue({ names: ['two.example'] }),
    ];
    gateway = stack.use(
      await Gateway.planned({
        upstreamPorts: [1],
        edge: { tls: { certificates } },
        routes: [{ exactPath: '/fixed', auth: 'none', respond: { status: 200 } }],
      }),
    );
  });
  afterAll(() => stack.disposeAsync());

  const get = (host: string): string => `GET /fixed HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const hosts = [
    ['one.example', 200],
    ['also.example', 200],
    ['two.example', 421],
  ] as const;

  it.each(hosts)('on HTTP/1.1: %s is %i', async (host, status) => {
    await using client = await RawClient.connect(gateway.edge, {
      tls: { servername: 'one.example' },
    });
    expect((await client.write(get(host)).response()).status).toBe(status);
  });

  it('on HTTP/2 as well, where browsers share connections, and only the stream ends', async () => {
    const session = connect(`https://127.0.0.1:${String(gateway.edge)}`, {
      servername: 'one.example',
      rejectUnauthorized: false,
    });
    session.on('error', () => {});
    try {
      for (const [host, status] of [...hosts, ...hosts]) {
        const stream = session.request({ ':path': '/fixed', ':authority': host });
        const answer = new Promise((resolve) => {
          stream.once('response', (head) => resolve(head[':status']));
        });
        expect(await within(host, answer), host).toBe(status);
        stream.resume();
      }
      expect(session.closed).toBe(false);
    } finally {
      session.destroy();
    }
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a ticket of one host opens no other one: %s',
    async (maxVersion) => {
      await using first = await RawClient.connect(gateway.edge, {
        tls: { servername: 'one.example', maxVersion },
      });
      const tickets: Buffer[] = [];
      first.secure.on('session', (ticket) => tickets.push(ticket));
      expect((await first.write(get('one.example')).response()).status).toBe(200);
      const session = tickets.at(-1) ?? first.secure.getSession();
      await using second = await RawClient.connect(gateway.edge, {
        tls: { servername: 'two.example', maxVersion, ...(session && { session }) },
      });
      const { status } = await second.write(get('two.example')).response();
      // TLS 1.3 judges by the name that is asked for now, TLS 1.2 by the one of the session.
      const isOfTheFirst = second.secure.isSessionReused() && maxVersion === 'TLSv1.2';
      expect(status).toBe(isOfTheFirst ? 421 : 200);
    },
  );
});
