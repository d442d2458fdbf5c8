import { describe, expect, it } from 'vitest';
import { itOnHttp1 } from '../support/lane.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const expecting = ['Expect: 100-continue', 'Content-Length: 5'];

describe.each(bothAnswers)(
  'P69: a body is asked for only when it is wanted, under %s',
  (answers) => {
    const scene = useScene({ answers });
    const status = answers === 'modern' ? 401 : 403;

    itOnHttp1('nobody gets a 100, and the answer can be read', async () => {
      await using client = await scene.connect();
      const response = await client.write(request('POST', '/api/x', expecting)).response();
      expect(response.status).toBe(status);
      expect(response.informational).toEqual([]);
      expect(scene.forwarded()).toEqual([]);
      expect(response.value('connection')).toBe('close');
      expect(await client.closed()).toBe('end');
    });

    itOnHttp1(
      'somebody gets a 100 before the body is sent, and we never forward Expect',
      async () => {
        await using client = await scene.connect();
        client.write(request('POST', '/api/x', [`Cookie: ${scene.cookie}`, ...expecting]));
        expect(await client.informational()).toBe(100);
        const response = await client.write('hello').response();
        expect(response.status).toBe(200);
        expect(response.informational).toEqual([]);
        const [received] = scene.forwarded();
        expect(received?.body.toString()).toBe('hello');
        expect(received?.values('expect')).toEqual([]);
      },
    );

    itOnHttp1('the same holds for a chunked body', async () => {
      await using client = await scene.connect();
      const lines = ['Expect: 100-Continue', 'Transfer-Encoding: chunked'];
      client.write(request('POST', '/public/x', lines));
      expect(await client.informational()).toBe(100);
      const response = await client.write('5\r\nhello\r\n0\r\n\r\n').response();
      expect(response.status).toBe(200);
      expect(scene.forwarded()[0]?.body.toString()).toBe('hello');
    });

    it.each(['200-ok', '100-continue, x', 'gold', ''])(
      'Expect: %s is 417 and closes',
      async (value) => {
        const lines = [`Expect: ${value}`, 'Content-Length: 5'];
        await scene.refuses(request('POST', '/public/x', lines, 'hello'), 417);
      },
    );

    itOnHttp1('HTTP/1.0 expects nothing', async () => {
      const head = 'POST /public/x HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';
      const { response, forwarded } = await scene.send(`${head}hello`);
      expect(response.status).toBe(200);
      expect(response.informational).toEqual([]);
      expect(forwarded[0]?.values('expect')).toEqual([]);
    });

    it('a request without a body gets no 100', async () => {
      const { response } = await scene.send(request('GET', '/public/x', ['Expect: 100-continue']));
      expect(response.status).toBe(200);
      expect(response.informational).toEqual([]);
    });
  },
);
