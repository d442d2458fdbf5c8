import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateFolder } from '../support/certificates.ts';
import { Gateway } from '../support/gateway.ts';
import { headerBlock } from '../support/header-block.ts';
import { Http2Client } from '../support/http2-client.ts';
import { RawClient } from '../support/raw-client.ts';
import { RecordingUpstream } from '../support/recording-upstream.ts';
import { waitFor } from '../support/wait-for.ts';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const Type = { headers: 1, settings: 4, ping: 6, continuation: 9 } as const;
const request = headerBlock([
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'localhost'],
  [':path', '/public/x'],
]);

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

describe('P16: a flood of frames costs its own connection, and nobody else', () => {
  const stack = new AsyncDisposableStack();
  let gateway: Gateway;

  beforeAll(async () => {
    const folder = stack.use(await CertificateFolder.make());
    const upstream = stack.use(await RecordingUpstream.start());
    gateway = stack.use(
      await Gateway.planned({
        upstreamPorts: [upstream.port],
        edge: { tls: { certificates: [await folder.issue({ names: ['localhost'] })] } },
      }),
    );
  });
  afterAll(() => stack.disposeAsync());

  it.each([
    ['PING', () => frame(Type.ping, 0, 0, Buffer.alloc(8))],
    ['SETTINGS', () => frame(Type.settings, 0, 0, Buffer.alloc(0))],
    [
      'CONTINUATION',
      (round: number) =>
        round === 0
          ? frame(Type.headers, 0, 1, request)
          : frame(Type.continuation, 0, 1, headerBlock([['x', 'y'.repeat(4000)]])),
    ],
    [
      'empty CONTINUATION',
      (round: number) =>
        round === 0
          ? frame(Type.headers, 0, 1, request)
          : frame(Type.continuation, 0, 1, Buffer.alloc(0)),
    ],
    [
      'SETTINGS with more than any needs',
      () => frame(Type.settings, 0, 0, Buffer.alloc(6 * 1000, Buffer.from([0, 9, 0, 0, 0, 1]))),
    ],
    ['unknown frames of a stream that is idle', () => frame(0, 0, 9, Buffer.alloc(100))],
  ])('%s', async (_kind, next) => {
    await using client = await RawClient.connect(gateway.edge, {
      tls: { ALPNProtocols: ['h2'] },
    });
    client.write(preface).write(frame(Type.settings, 0, 0, Buffer.alloc(0)));
    // Whoever floods does not read: what the gateway owes it must not pile up either.
    client.socket.pause();
    let round = 0;
    await waitFor(
      'the connection to be ended',
      async () => {
        if (client.socket.writableLength < 1_000_000) {
          client.write(Buffer.concat(Array.from({ length: 2_000 }, () => next(round++))));
        }
        return client.left !== null || client.socket.destroyed || (await closedByServer());
      },
      20_000,
    );
    await using other = await Http2Client.connect(gateway.edge);
    expect((await other.ask({ ':path': '/public/x' })).status).toBe(200);

    async function closedByServer(): Promise<boolean> {
      return (await gateway.metric('portcullis_connections_active', 'listener="edge"')) === 0;
    }
  });
});
