import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  bytesOfFrame,
  frame,
  FrameFlag,
  FrameType,
  PREFACE,
  settingsPayload,
  type FrameDraft,
} from '../../../fuzz/http2/frames.ts';
import { literal } from '../../../fuzz/http2/hpack.ts';
import { CertificateFolder } from '../../support/certificates.ts';
import { Gateway } from '../../support/gateway.ts';
import { Http2Client } from '../../support/http2-client.ts';
import { RawClient } from '../../support/raw-client.ts';
import { ok, RecordingUpstream, respond } from '../../support/recording-upstream.ts';
import { waitFor } from '../../support/wait-for.ts';

const INITIAL_WINDOW_SIZE = 4;

const stack = new AsyncDisposableStack();
let gateway: Gateway;
let upstream: RecordingUpstream;

beforeAll(async () => {
  const folder = stack.use(await CertificateFolder.make());
  upstream = stack.use(await RecordingUpstream.start());
  gateway = stack.use(
    await Gateway.planned({
      upstreamPorts: [upstream.port],
      edge: {
        tls: { certificates: [await folder.issue({ names: ['localhost'] })] },
        timeouts: { bodyIdle: '300ms', send: '300ms', keepAlive: '300ms', linger: '200ms' },
      },
    }),
  );
});
afterAll(() => stack.disposeAsync());
beforeEach(() => {
  upstream.answer = ok();
});

const isDeserted = async (): Promise<boolean> =>
  (await gateway.metric('portcullis_connections_active', 'listener="edge"')) === 0;

const connect = (): Promise<RawClient> =>
  RawClient.connect(gateway.edge, { tls: { ALPNProtocols: ['h2'] } });

function spoken(window: number, ...frames: readonly FrameDraft[]): Buffer {
  const settings = settingsPayload([[INITIAL_WINDOW_SIZE, window]]);
  const all = [frame(FrameType.settings, 0, 0, settings), ...frames];
  return Buffer.concat([Buffer.from(PREFACE), ...all.map(bytesOfFrame)]);
}

function headers(method: string, flags: number, ...more: readonly Buffer[]): FrameDraft {
  const fields = [
    ...[literal(':method', method, 'plain'), literal(':path', '/public/x', 'plain')],
    ...[literal(':scheme', 'https', 'plain'), literal(':authority', 'localhost', 'plain')],
  ];
  return frame(
    FrameType.headers,
    FrameFlag.endHeaders | flags,
    1,
    Buffer.concat([...fields, ...more]),
  );
}

describe('a client on HTTP/2', () => {
  const rst = (code: number): FrameDraft =>
    frame(FrameType.reset, 0, 1, Buffer.from([0, 0, 0, code]));

  it.each([
    ['takes its request back', [rst(8)]],
    ['takes its request back without an error', [rst(0)]],
    ['leaves', []],
  ])('that %s in the middle of a body completes no request at the upstream', async (_how, last) => {
    const before = upstream.connections.length;
    const client = await connect();
    const half = frame(FrameType.body, 0, 1, Buffer.from('half of it'));
    client.write(spoken(65_535, headers('POST', 0), half));
    await upstream.requestBytes('half of it');
    client.write(Buffer.concat(last.map(bytesOfFrame)));
    if (last.length === 0) client.end();
    await upstream.allClosed();
    for (const connection of upstream.connections.slice(before)) {
      expect(connection.text()).not.toContain('\r\n0\r\n');
      expect(connection.requests).toHaveLength(0);
    }
    await client[Symbol.asyncDispose]();
  });

  it('that sends more than it has said completes no request at the upstream', async () => {
    const before = upstream.connections.length;
    const client = await connect();
    const length = literal('content-length', '10', 'plain');
    client.write(spoken(65_535, headers('POST', 0, length)));
    client.write(bytesOfFrame(frame(FrameType.body, 0, 1, Buffer.from('all of it.'))));
    await upstream.requestBytes('Content-Length: 10');
    client.write(bytesOfFrame(frame(FrameType.body, FrameFlag.endStream, 1, Buffer.from('more'))));
    await upstream.allClosed();
    for (const connection of upstream.connections.slice(before)) {
      expect(connection.text()).not.toContain('all of it.');
      expect(connection.requests).toHaveLength(0);
    }
    await client[Symbol.asyncDispose]();
  });

  it('that says that nothing follows, in a frame of its own, is answered', async () => {
    await using client = await connect();
    const length = literal('content-length', '10', 'plain');
    client.write(spoken(65_535, headers('POST', 0, length)));
    client.write(bytesOfFrame(frame(FrameType.body, 0, 1, Buffer.from('all of it.'))));
    await upstream.requestBytes('Content-Length: 10');
    client.write(bytesOfFrame(frame(FrameType.body, FrameFlag.endStream, 1, Buffer.alloc(0))));
    await upstream.requestBytes('all of it.');
    await waitFor('the request to be whole', () =>
      upstream.requests.some(({ body }) => body.toString() === 'all of it.'),
    );
  });

  it('that sends no more of its body and takes no more of the answer is let go', async () => {
    await using client = await connect();
    client.write(spoken(10, headers('POST', 0)));
    await client.closed(8_000);
    await waitFor('the connection to be gone', isDeserted);
  });

  it('that takes nothing of an answer is let go', async () => {
    upstream.answer = respond(200, [], 'x'.repeat(100));
    await using client = await connect();
    client.write(spoken(0, headers('GET', FrameFlag.endStream)));
    await client.closed(8_000);
    await waitFor('the connection to be gone', isDeserted);
  });

  it('that resets its connection behind a request leaves nothing behind', async () => {
    for (let round = 0; round < 30; round++) {
      const client = await connect();
      client.write(spoken(65_535, headers('GET', FrameFlag.endStream)));
      setImmediate(() => client.reset());
      await client.closed();
    }
    await waitFor('the connections to be gone', isDeserted);
  });

  it('that resets its connection in the middle of more than it takes leaves nothing behind', async () => {
    upstream.answer = respond(200, [], 'x'.repeat(300_000));
    const one = async (): Promise<void> => {
      const client = await connect();
      client.write(spoken(65_535, headers('GET', FrameFlag.endStream)));
      await pause(5); // some are reset before the answer, most while it is written
      client.reset();
      await client.closed();
    };
    for (let round = 0; round < 6; round++) await Promise.all(Array.from({ length: 20 }, one));
    await waitFor('the connections to be gone', isDeserted);
    const ofUpstream = (what: string): Promise<number> =>
      gateway.metric(`portcullis_upstream_connections_${what}`, 'upstream="app"');
    expect(await ofUpstream('open')).toBe(await ofUpstream('idle'));
  });

  it('gets twice what an upstream says twice, also where once is the rule', async () => {
    upstream.answer = respond(200, [
      ['User-Agent', 'a'],
      ['User-Agent', 'b'],
      ['Age', '1'],
      ['Age', '2'],
      ['__proto__', 'c'],
    ]);
    await using client = await Http2Client.connect(gateway.edge);
    const { fields, status } = await client.ask({ ':path': '/public/x' });
    expect(status).toBe(200);
    expect(fields['user-agent']).toBe('a'); // Node's client keeps the first
    expect(gateway.process.hasExited).toBe(false);
  });
});
