import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateFolder } from '../../support/certificates.ts';
import { Gateway } from '../../support/gateway.ts';
import { Http2Client } from '../../support/http2-client.ts';
import { RecordingUpstream } from '../../support/recording-upstream.ts';
import { waitFor, waitForRest } from '../../support/wait-for.ts';

const bodyIdleMs = 300;
const sendMs = 1_000;
/** More than the kernel takes for an upstream that reads nothing. */
const uploadBytes = 32 * 1024 * 1024;
const pieceBytes = 64 * 1024;
/** More than the window of a client that reads nothing. */
const halfAnswer = 'x'.repeat(1024 * 1024);
const post = { ':method': 'POST', ':path': '/public/x' };

const stack = new AsyncDisposableStack();
let folder: CertificateFolder;

beforeAll(async () => {
  folder = stack.use(await CertificateFolder.make());
});
afterAll(() => stack.disposeAsync());

/** Begins to answer at the head of a request, and stops in the middle. */
const startUpstream = (readsOn: boolean): Promise<RecordingUpstream> =>
  RecordingUpstream.start({
    answersAt: 'head',
    answer: ({ connection }) => {
      if (!readsOn) connection.socket.pause();
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${2 * halfAnswer.length}\r\n\r\n`);
      connection.write(halfAnswer);
    },
  });

const startGateway = async (
  upstream: RecordingUpstream,
  timeouts: Readonly<Record<string, string>>,
): Promise<Gateway> =>
  Gateway.planned({
    upstreamPorts: [upstream.port],
    edge: {
      tls: { certificates: [await folder.issue({ names: ['localhost'] })] },
      timeouts,
    },
  });

describe('an answer on HTTP/2 that begins before its request has ended', () => {
  it('goes on while the upstream takes nothing of the request: that is not the client’s fault', async () => {
    await using upstream = await startUpstream(false);
    await using gateway = await startGateway(upstream, { bodyIdle: `${bodyIdleMs}ms` });
    await using client = await Http2Client.connect(gateway.edge);
    const stream = client.session.request(post);
    stream.on('error', () => {});
    let sent = 0;
    const pieces = function* (): Generator<Buffer> {
      for (; sent < uploadBytes; sent += pieceBytes) yield Buffer.alloc(pieceBytes, 'x');
    };
    Readable.from(pieces()).pipe(stream);
    await waitFor('the upstream to be asked', () => upstream.connections.length > 0);
    expect(await waitForRest('what the client has sent', () => sent)).toBeLessThan(uploadBytes);

    let taken = 0;
    stream.on('data', (piece: Buffer) => {
      taken += piece.length;
    });
    await waitFor('half of the answer', () => taken === halfAnswer.length);
    await pause(4 * bodyIdleMs);
    expect(stream.closed).toBe(false);

    const [connection] = upstream.connections;
    connection?.socket.resume();
    await waitFor('the whole body', () => (connection?.bytes().length ?? 0) > uploadBytes, 10_000);
    connection?.write(halfAnswer);
    await waitFor('the whole answer', () => taken === 2 * halfAnswer.length);
  });

  it('holds no upstream for a client that ends its request and takes nothing', async () => {
    await using upstream = await startUpstream(true);
    await using gateway = await startGateway(upstream, { send: `${sendMs}ms` });
    await using client = await Http2Client.connect(gateway.edge);
    const stream = client.session.request(post);
    stream.on('error', () => {});
    stream.write('half of it');
    await upstream.requestBytes('half of it');
    // By then the client's window is full, and its time to take something has not run out.
    await pause(sendMs / 4);
    stream.end(', and the rest');
    await upstream.requestBytes(', and the rest');
    await upstream.allClosed();
  });

  it('holds no upstream for a client that goes on with its request and takes nothing', async () => {
    await using upstream = await startUpstream(true);
    await using gateway = await startGateway(upstream, { send: `${sendMs}ms` });
    await using client = await Http2Client.connect(gateway.edge);
    const stream = client.session.request(post);
    stream.on('error', () => {});
    const sending = setInterval(() => stream.write('more of it'), sendMs / 4);
    await upstream.requestBytes('more of it');
    await upstream.allClosed();
    clearInterval(sending);
  });
});
