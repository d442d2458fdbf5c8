import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateFolder } from '../../support/certificates.ts';
import { Gateway } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';

/** One request for a host of its own name; then what a later connection needs to resume. */
async function visit(
  port: number,
  servername: string,
  maxVersion: 'TLSv1.2' | 'TLSv1.3',
  session?: Buffer,
): Promise<{ isResumed: boolean; status: number; session: Buffer }> {
  const tls = { servername, maxVersion, ...(session && { session }) };
  await using client = await RawClient.connect(port, { tls });
  const sessions: Buffer[] = [];
  client.secure.on('session', (one) => sessions.push(one));
  const { status } = await client
    .write(`GET /fixed HTTP/1.1\r\nHost: ${servername}\r\n\r\n`)
    .response();
  const last = sessions.at(-1) ?? client.secure.getSession();
  if (last === undefined) throw new Error('no session');
  return { isResumed: client.secure.isSessionReused(), status, session: last };
}

const versions = ['TLSv1.2', 'TLSv1.3'] as const;

describe.each([true, false])('session tickets, switched to %s', (sessionTickets) => {
  const stack = new AsyncDisposableStack();
  let port = 0;
  beforeAll(async () => {
    const folder = stack.use(await CertificateFolder.make());
    const certificates = [
      await folder.issue({ names: ['one.example'] }),
      await folder.issue({ names: ['two.example'] }),
    ];
    const gateway = stack.use(
      await Gateway.planned({
        upstreamPorts: [1],
        edge: { tls: { certificates, sessionTickets, unknownNames: 'refuse' } },
        routes: [{ exactPath: '/fixed', auth: 'none', respond: { status: 200 } }],
      }),
    );
    port = gateway.edge;
  });
  afterAll(() => stack.disposeAsync());

  it.each(versions)('decide whether a session is resumed: %s', async (version) => {
    for (const name of ['one.example', 'two.example']) {
      const first = await visit(port, name, version);
      expect(first.isResumed).toBe(false);
      const second = await visit(port, name, version, first.session);
      expect(second).toMatchObject({ isResumed: sessionTickets, status: 200 });
    }
  });

  it.each(versions)('P60: a session of one host opens no other one: %s', async (version) => {
    const { session } = await visit(port, 'one.example', version);
    const other = await visit(port, 'two.example', version, session);
    // TLS 1.3 judges by the name that is asked for now, TLS 1.2 by the one of the session.
    const isMisdirected = other.isResumed && version === 'TLSv1.2';
    expect(other.status).toBe(isMisdirected ? 421 : 200);
  });
});
