import { expect, it } from 'vitest';
import { CertificateFolder } from '../support/certificates.ts';
import { Gateway } from '../support/gateway.ts';
import { planned } from '../support/gateway-yaml.ts';
import { Http2Client } from '../support/http2-client.ts';
import { audience, IdentityProvider, signingKey } from '../support/identity-provider.ts';
import { patientMs } from '../support/patience.ts';
import { ask, RawClient } from '../support/raw-client.ts';
import { RecordingUpstream, type Answer } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { forge } from '../support/tokens.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { agrees, closing, handshake, readFrames } from '../support/web-socket.ts';

const key = signingKey('key');
const event = 'data: one\n\n';

/** A WebSocket, or events without end. */
const answer: Answer = (received) => {
  if (received.request.values('upgrade').length > 0) return agrees()(received);
  const { connection } = received;
  connection.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n');
  connection.write(
    `Transfer-Encoding: chunked\r\n\r\n${event.length.toString(16)}\r\n${event}\r\n`,
  );
};

it(
  'P59: what a bearer token opened ends with the token, on every lane, and nothing else does',
  { timeout: patientMs(60_000) },
  async () => {
    await using provider = await IdentityProvider.start(key);
    await using folder = await CertificateFolder.make();
    await using upstream = await RecordingUpstream.start({ answersAt: 'head', answer });
    const yaml = planned({
      upstreamPorts: [upstream.port],
      appRoutes: [{ path: '/', auth: 'bearer', upstream: 'app', webSockets: true }],
    });
    const { routes } = yaml.listeners['edge'] ?? { routes: [] };
    const certificates = [await folder.issue({ names: ['localhost'] })];
    await using gateway = await Gateway.start({
      ...yaml,
      listeners: { ...yaml.listeners, secure: { tls: { certificates }, routes } },
      directories: {
        ...yaml.directories,
        provider: {
          type: 'token',
          issuer: provider.issuer,
          audiences: [audience],
          clockTolerance: '1s',
        },
      },
    });
    const bearing = async (expiresInS: number): Promise<string> =>
      `Bearer ${await forge(provider.issuer, key, { kid: 'key', expiresInS })}`;
    const [short, long] = [await bearing(7), await bearing(600)];

    const openSocket = async (authorization: string): Promise<RawClient> => {
      const client = await RawClient.connect(gateway.edge);
      client.write(handshake('/live', [`Authorization: ${authorization}`]));
      expect(await client.informational()).toBe(101);
      return client;
    };
    const socket = await openSocket(short);
    const kept = await openSocket(long);
    await using events = await RawClient.connect(gateway.edge);
    events.write(request('GET', '/events', [`Authorization: ${short}`]));
    await waitFor('an event', () => events.pending.includes(event));
    await using client = await Http2Client.connect(gateway.port('secure'));
    const stream = client.session.request({ ':path': '/events', authorization: short });
    stream.on('error', () => {}).setEncoding('utf8');
    await within('an event on HTTP/2', new Promise((resolve) => stream.once('data', resolve)));

    expect(await socket.closed(15_000)).toBe('end');
    const [last] = readFrames(socket.pending).frames;
    expect(closing(last?.payload ?? Buffer.alloc(2))).toEqual([4401, 'session expired']);
    // The others are no streams before they are ten seconds old.
    await events.closed(20_000);
    expect(events.pending.toString('latin1')).not.toMatch(/\r\n0\r\n\r\n$/);
    await waitFor('the stream of HTTP/2 to be cut', () => stream.closed, 15_000);
    await waitFor(
      'all three to be counted',
      async () =>
        (await gateway.metric('portcullis_streams_closed_total', 'reason="expired"')) === 3,
    );
    expect(kept.left).toBeNull();
    expect(await gateway.metric('portcullis_streams_active')).toBe(1);
    const fields = [`Authorization: ${short}`, 'Connection: close'];
    expect((await ask(gateway.edge, request('GET', '/events', fields))).status).toBe(401);
    kept.reset();
    socket.end();
  },
);
