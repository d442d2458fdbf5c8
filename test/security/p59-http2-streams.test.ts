import { constants, type ClientHttp2Stream } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateFolder } from '../support/certificates.ts';
import { Gateway } from '../support/gateway.ts';
import { Http2Client } from '../support/http2-client.ts';
import { logIn } from '../support/login.ts';
import { RecordingUpstream, type ReceivedConnection } from '../support/recording-upstream.ts';
import { waitFor, within } from '../support/wait-for.ts';

describe('P59: a stream of HTTP/2 does not outlive its session', () => {
  const stack = new AsyncDisposableStack();
  let upstream: RecordingUpstream;
  let gateway: Gateway;
  let client: Http2Client;

  beforeAll(async () => {
    const folder = stack.use(await CertificateFolder.make());
    upstream = stack.use(await RecordingUpstream.start({ answersAt: 'head' }));
    gateway = stack.use(
      await Gateway.planned({
        upstreamPorts: [upstream.port],
        edge: { tls: { certificates: [await folder.issue({ names: ['localhost'] })] } },
      }),
    );
    client = stack.use(await Http2Client.connect(gateway.edge));
  });
  afterAll(() => stack.disposeAsync());

  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
  const event = 'data: one\n\n';

  async function opened(cookie: string): Promise<[ClientHttp2Stream, ReceivedConnection]> {
    upstream.answer = ({ connection }) => {
      connection.write(
        'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      connection.write(chunk(event));
    };
    const stream = client.session.request({ ':path': '/events', cookie });
    stream.on('error', () => {}).setEncoding('utf8');
    await within('the first event', new Promise((resolve) => stream.once('data', resolve)));
    const connection = upstream.connections.at(-1);
    if (connection === undefined) throw new Error('no upstream connection');
    return [stream, connection];
  }

  it(
    'a logout cuts its events, on both sides, and nothing else of the connection',
    { timeout: 40_000 },
    async () => {
      const own = await logIn(gateway.edge);
      const other = await logIn(gateway.edge);
      const [mine, mineUp] = await opened(own.cookie);
      const [foreign, foreignUp] = await opened(other.cookie);
      let ended = false;
      mine.on('end', () => {
        ended = true;
      });
      const active = (): Promise<number> => gateway.metric('portcullis_streams_active');
      await waitFor('both to be streams', async () => (await active()) === 2, 14_000);
      const logout = { ':method': 'POST', ':path': '/auth/logout', cookie: own.cookie };
      expect((await client.ask(logout)).status).toBe(200);
      await waitFor('the stream to be cut', () => mine.closed, 1_500);
      expect(mine.rstCode).toBe(constants.NGHTTP2_CANCEL);
      // Never as if it were whole.
      expect(ended && mine.rstCode === constants.NGHTTP2_NO_ERROR).toBe(false);
      await waitFor('the upstream to be freed', () => mineUp.isClosed || mineUp.left !== null);
      expect(await gateway.metric('portcullis_streams_closed_total', 'reason="revoked"')).toBe(1);

      let heard = '';
      foreign.on('data', (text: string) => {
        heard += text;
      });
      foreignUp.write(chunk('data: two\n\n'));
      await waitFor('the other session', () => heard.includes('two'));
      expect(client.goaway).toBeNull();
      foreign.close(constants.NGHTTP2_CANCEL);
      await waitFor('its upstream', () => foreignUp.isClosed || foreignUp.left !== null);
    },
  );
});
