import { describe, expect, it } from 'vitest';
import { lane } from '../support/lane.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)(
  'P10: the target says where on this server, never which server, under %s',
  (answers) => {
    const scene = useScene({ answers });

    it.each([
      ['another server', 'http://internal:9/x'],
      ['this server', 'http://a/public/x'],
      ['this server over TLS', 'https://a/public/x'],
      ['another scheme', 'file:///etc/passwd'],
    ])('absolute-form with %s is 400 and closes', async (_kind, target) => {
      await scene.refuses(request('GET', target), 400);
    });

    it.each([
      ['authority-form', 'CONNECT internal:9 HTTP/1.1\r\nHost: internal:9\r\n\r\n'],
      ['origin-form', 'CONNECT /public/x HTTP/1.1\r\nHost: a\r\n\r\n'],
    ])('CONNECT with %s is 405 and closes', async (_kind, bytes) => {
      await scene.refuses(bytes, 405);
    });

    it('OPTIONS * is answered here with 204', async () => {
      await scene.declines(request('OPTIONS', '*'), 204);
    });

    it.each(['GET', 'POST', 'HEAD'])('%s * is 400 and closes', async (method) => {
      await scene.refuses(request(method, '*'), 400);
    });

    it('a Host of somebody else changes nothing about where a request goes', async () => {
      const received = await scene.passes('GET /public/x HTTP/1.1\r\nHost: internal:9\r\n\r\n');
      expect(received.target).toBe('/public/x');
    });
  },
);

// On HTTP/2 a path begins with a slash, or the framing layer refuses it.
describe.skipIf(lane === 'http2')('P10: where absolute-form is accepted', () => {
  const scene = useScene({ edge: { acceptAbsoluteForm: true } });

  it('it is rewritten to origin-form when its authority is the Host', async () => {
    const received = await scene.passes(request('GET', 'http://a/public/x?y=z'));
    expect(received.target).toBe('/public/x?y=z');
  });

  it('the path may be empty', async () => {
    const received = await scene.passes(request('GET', 'http://a', [`Cookie: ${scene.cookie}`]));
    expect(received.target).toBe('/');
  });

  it.each([
    ['another host', 'http://b/public/x'],
    ['another port', 'http://a:81/public/x'],
    ['a user', 'http://u@a/public/x'],
    ['a user that looks like the host', 'http://a@b/public/x'],
    ['no host', 'http:///public/x'],
    ['another scheme', 'ftp://a/public/x'],
    ['a backslash', 'http://a\\b/public/x'],
  ])('%s is 400 and closes', async (_kind, target) => {
    await scene.refuses(request('GET', target), 400);
  });

  it('its path goes through the same normalisation', async () => {
    await scene.refuses(request('GET', 'http://a/public/..%2fadmin'), 400);
    await scene.declines(request('GET', 'http://a/public/../admin'), 401);
  });
});
