import { constants } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { lane } from '../support/lane.ts';
import { bothAnswers, useScene } from '../support/scene.ts';
import { TranslatedClient, type Http2Request } from '../support/translated-client.ts';

type Field = readonly [string, string];

const pseudo: readonly Field[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'a'],
  [':path', '/public/a'],
];
const sound: Http2Request = { fields: pseudo };
const replaced = (name: string, value: string): readonly Field[] =>
  pseudo.map((field) => (field[0] === name ? [name, value] : field));
const added = (...more: readonly Field[]): readonly Field[] => [...pseudo, ...more];

describe.runIf(lane === 'http2').each(bothAnswers)(
  'P9: what HTTP/1.1 could misread does not come from HTTP/2, under %s',
  (answers) => {
    const scene = useScene({ answers });

    async function outcome(
      request: Http2Request,
    ): Promise<{ status: number; code: number; isOpen: boolean }> {
      scene.mark();
      await using client = await TranslatedClient.connect(scene.gateway.edge);
      const { response, code } = await client.send(request);
      const isOpen = client.goaway === null && !client.isClosed;
      if (isOpen) expect((await client.send(sound)).response?.status, 'the next one').toBe(200);
      const next = isOpen ? ['/public/a'] : [];
      expect(scene.forwarded().map(({ target }) => target)).toEqual(next);
      expect(scene.upstream.problems).toEqual([]);
      return { status: response?.status ?? 0, code, isOpen };
    }

    it.each([
      ['connection', 'close'],
      ['connection', 'x-userinfo'],
      ['keep-alive', 'timeout=9'],
      ['proxy-connection', 'keep-alive'],
      ['upgrade', 'websocket'],
      ['transfer-encoding', 'chunked'],
      ['te', 'gzip'],
    ])('%s: %s resets the stream, and only the stream', async (name, value) => {
      const end = await outcome({ fields: added([name, value]) });
      expect(end).toEqual({ status: 0, code: constants.NGHTTP2_PROTOCOL_ERROR, isOpen: true });
    });

    it.each([
      ['a name in capitals', added(['X-Custom', 'a'])],
      ['a second path', added([':path', '/admin'])],
      ['an unknown pseudo-header field', added([':protocol', 'websocket'])],
      ['a pseudo-header field behind the others', [['x', 'y'] as const, ...pseudo]],
      ['no method', pseudo.slice(1)],
      ['no path', pseudo.slice(0, 3)],
      ['an empty path', replaced(':path', '')],
      ['a path without a slash', replaced(':path', 'admin')],
      ['a line end in the path', replaced(':path', '/a HTTP/1.1\r\nX-UserInfo: root\r\nX: ')],
      ['a blank in the path', replaced(':path', '/a b')],
      ['a tab in the path', replaced(':path', '/a\tb')],
      ['a blank in the method', replaced(':method', 'GET /admin')],
      ['a line end in the authority', replaced(':authority', 'a\r\nX: y')],
      ['a path in the authority', replaced(':authority', 'a/b')],
      ['a tunnel', [[':method', 'CONNECT'] as const, [':authority', 'internal:9'] as const]],
      [
        'a tunnel for a WebSocket, which was not announced',
        [...replaced(':method', 'CONNECT'), [':protocol', 'websocket'] as const],
      ],
    ])('%s ends the stream, and only the stream', async (_kind, fields) => {
      const { status, code, isOpen } = await outcome({ fields });
      if (status === 0) expect(code).toBe(constants.NGHTTP2_PROTOCOL_ERROR);
      else expect([400, 405]).toContain(status);
      expect(isOpen).toBe(true);
    });

    it('Host and :authority that differ are 400, and the connection ends behind them', async () => {
      const end = await outcome({ fields: added(['host', 'b']) });
      expect(end).toEqual({ status: 400, code: constants.NGHTTP2_NO_ERROR, isOpen: false });
    });

    it('others on the connection are served to their end meanwhile', async () => {
      await using client = await TranslatedClient.connect(scene.gateway.edge);
      const [fine, odd] = await Promise.all([
        client.send(sound),
        client.send({ fields: added(['host', 'b']) }),
      ]);
      expect([fine.response?.status, odd.response?.status]).toEqual([200, 400]);
    });

    it.each([
      ['a line end', 'a\r\nX-UserInfo: root'],
      ['a line feed', 'a\nX-UserInfo: root'],
      ['a NUL', 'a\0b'],
    ])('a value with %s reaches nobody', async (_kind, value) => {
      await using client = await TranslatedClient.connect(scene.gateway.edge);
      const { response } = await client.send({ fields: added(['x-odd', value], ['x-even', 'b']) });
      // The framing layer may leave the field out instead: then the request is what is left.
      if (response?.status === 200) {
        expect(scene.forwarded()[0]?.values('x-odd')).toEqual([]);
        expect(scene.forwarded()[0]?.values('x-even')).toEqual(['b']);
      } else expect(scene.forwarded()).toEqual([]);
      expect(scene.upstream.connections.map((one) => one.text()).join('')).not.toContain('root');
    });

    it.each([
      ['shorter', '3'],
      ['longer', '9'],
      ['there with a length of nothing, and so longer', '0'],
    ])('a body that is %s than its length is no request', async (_kind, length) => {
      await using client = await TranslatedClient.connect(scene.gateway.edge);
      const fields = [...replaced(':method', 'POST'), ['content-length', length] as const];
      const { response } = await client.send({ fields, body: Buffer.from('hello') });
      expect(response?.status ?? 0).not.toBe(200);
      expect(scene.forwarded()).toEqual([]);
      // Node ends the connection of a client that sends more than it said.
      await using next = await TranslatedClient.connect(scene.gateway.edge);
      expect((await next.send(sound)).response?.status).toBe(200);
    });

    it('the fields of a trailer go no further', async () => {
      await using client = await TranslatedClient.connect(scene.gateway.edge);
      const { response } = await client.send({
        fields: replaced(':method', 'POST'),
        body: Buffer.from('hello'),
        trailers: [['x-userinfo', 'root']],
      });
      expect(response?.status).toBe(200);
      expect(scene.forwarded()[0]?.body.toString()).toBe('hello');
      expect(scene.upstream.connections.map((one) => one.text()).join('')).not.toContain('root');
    });
  },
);
