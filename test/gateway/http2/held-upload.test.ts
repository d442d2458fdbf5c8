import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CertificateFolder } from '../../support/certificates.ts';
import { Gateway } from '../../support/gateway.ts';
import { Http2Client } from '../../support/http2-client.ts';
import { RecordingUpstream } from '../../support/recording-upstream.ts';
import { waitFor, waitForRest } from '../../support/wait-for.ts';

const bodyIdleMs = 300;
/** More than the kernel takes for an upstream that reads nothing. */
const uploadBytes = 32 * 1024 * 1024;
const pieceBytes = 64 * 1024;
/** More than the window of a client that reads nothing. */
const halfAnswer = 'x'.repeat(1024 * 1024);

describe('an upload on HTTP/2 that its upstream takes nothing of', () => {
  it('is not cut for it when the client, blocked itself for a while, takes the answer again', async () => {
    await using folder = await CertificateFolder.make();
    await using upstream = await RecordingUpstream.start({
      answersAt: 'head',
      answer: ({ connection }) => {
        connection.socket.pause();
        connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${2 * halfAnswer.length}\r\n\r\n`);
        connection.write(halfAnswer);
      },
    });
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      edge: {
        tls: { certificates: [await folder.issue({ names: ['localhost'] })] },
        timeouts: { bodyIdle: `${bodyIdleMs}ms` },
      },
    });
    await using client = await Http2Client.connect(gateway.edge);
    const stream = client.session.request({ ':method': 'POST', ':path': '/public/x' });
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
});
