import { describe, expect, it } from 'vitest';
import { lane } from '../support/lane.ts';
import { raw, respond } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { useScene } from '../support/scene.ts';

describe('P26: an upstream cannot speak for us', () => {
  const scene = useScene();
  const answerTo = async (fields: readonly (readonly [string, string])[], status = 200) => {
    scene.upstream.answer = respond(status, fields, 'ok');
    return (await scene.send(request('GET', '/public/x'))).response;
  };

  it.each([
    'portcullis=evil; Path=/',
    'PORTCULLIS=evil',
    'Portcullis=',
    '__Host-portcullis=evil; Secure; Path=/',
    '__Secure-portcullis=evil; Secure',
    '__HOST-PORTCULLIS=evil',
    ' portcullis=evil',
    'portcullis =evil',
    'portcullis',
    'portcullis; Path=/',
    '=portcullis=evil; Path=/',
    '= portcullis=evil',
    '\t =__Host-portcullis=evil; Secure; Path=/',
    '=',
    '=other',
  ])('Set-Cookie: %s is dropped, the others stay in order', async (value) => {
    const response = await answerTo([
      ['Set-Cookie', 'app=1; Path=/'],
      ['Set-Cookie', value],
      ['set-cookie', 'portcullis2=2'],
    ]);
    expect(response.status).toBe(200);
    expect(response.text()).toBe('ok');
    expect(response.values('set-cookie')).toEqual(['app=1; Path=/', 'portcullis2=2']);
  });

  it.each([
    'X-UserInfo',
    'x_userinfo',
    'X-Request-Id',
    'X-Forwarded-For',
    'X-Real-Ip',
    'Forwarded',
  ])('the field %s is dropped, the status stays', async (name) => {
    const response = await answerTo(
      [
        [name, 'upstream'],
        ['X-App', '1'],
      ],
      418,
    );
    expect(response.status).toBe(418);
    expect(JSON.stringify(response.fields)).not.toContain('upstream');
    expect(response.value('x-app')).toBe('1');
  });

  it.each([
    ['portcullis_response_cookies_dropped_total', 'Set-Cookie', 'portcullis=evil'],
    ['portcullis_response_fields_dropped_total', 'X-UserInfo', 'root'],
  ])('is counted: %s', async (metric, name, value) => {
    const before = await scene.gateway.metric(metric);
    await answerTo([[name, value]]);
    expect(await scene.gateway.metric(metric)).toBe(before + 1);
  });

  it('all other fields pass unchanged and in order', async () => {
    scene.upstream.answer = raw(
      'HTTP/1.1 200 Fine\r\nETag: "a"\r\nVary: b\r\nX-One: 1\r\nx-two:   2  \r\nX-One: 3\r\nServer: s\r\n' +
        'Content-Type: text/x\r\nContent-Length: 2\r\n\r\nok',
    );
    const { response } = await scene.send(request('GET', '/public/x'));
    const passed = response.fields.filter(([name]) =>
      /^(etag|vary|x-|server|content-type)/i.test(name),
    );
    const sent = [
      ['ETag', '"a"'],
      ['Vary', 'b'],
      ['X-One', '1'],
      ['x-two', '2'],
      ['X-One', '3'],
      ['Server', 's'],
      ['Content-Type', 'text/x'],
    ];
    const isLower = lane === 'http2';
    expect(passed).toEqual(
      isLower ? sent.map(([name = '', value]) => [name.toLowerCase(), value]) : sent,
    );
  });
});
