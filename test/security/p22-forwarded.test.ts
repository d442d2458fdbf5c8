import { describe, expect, it } from 'vitest';
import { cookieName, itOnHttp1, lane, scheme } from '../support/lane.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene, type Scene } from '../support/scene.ts';
import { agrees, handshakeLines } from '../support/web-socket.ts';

const spoofs = [
  'X-Forwarded-For: 198.51.100.9',
  'x-forwarded-for: 198.51.100.8',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: evil.example',
  'X-Forwarded-Port: 1',
  'X-Forwarded-Prefix: /evil',
  'X-Forwarded-Server: evil',
  'X-Forwarded-Ssl-Client-Cert: evil',
  'X-Real-Ip: 198.51.100.9',
  'True-Client-Ip: 198.51.100.9',
  'X_Forwarded_For: 198.51.100.9',
  'Forwarded: for=198.51.100.9;proto=https;host=evil.example',
];

async function told(scene: Scene, lines: readonly string[]): Promise<Record<string, string[]>> {
  const received = await scene.passes(request('GET', '/public/x', lines));
  const names = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded', 'host'];
  return Object.fromEntries(names.map((name) => [name, received.values(name)]));
}

describe.each(bothAnswers)(
  'P22: what strangers say of the client is removed, under %s',
  (answers) => {
    const scene = useScene({ answers });

    it('every spelling and every field of the family', async () => {
      const received = await scene.passes(request('GET', '/public/x', spoofs));
      expect(received.head).not.toMatch(/198\.51|evil/);
      expect(received.values('x-forwarded-for')).toEqual(['127.0.0.1']);
      expect(received.values('x-forwarded-proto')).toEqual([scheme]);
      expect(received.values('x-forwarded-host')).toEqual(['a']);
      expect(received.values('forwarded')).toEqual([]);
    });

    itOnHttp1('in the handshake of a WebSocket, too', async () => {
      scene.upstream.answer = agrees();
      await using client = await scene.connect();
      client.write(request('GET', '/public/x', [...handshakeLines, ...spoofs]));
      expect(await client.informational()).toBe(101);
      const [received] = scene.forwarded();
      expect(received?.head).not.toMatch(/198\.51|evil/);
      expect(received?.values('x-forwarded-for')).toEqual(['127.0.0.1']);
    });

    it('neither the log nor the cookie name believes it', async () => {
      const { response } = await scene.send(request('GET', '/private', spoofs));
      for (const cookie of response.values('set-cookie'))
        expect(cookie).toContain(`${cookieName}=`);
      const line = await scene.gateway.accessLine('it', (one) => one['path'] === '/private');
      expect(line['client']).toBe('127.0.0.1');
    });
  },
);

describe('P22: a trusted proxy is believed', () => {
  const scene = useScene({
    edge: { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8', 'fd00::/8'], sendForwarded: true },
  });

  it.each([
    ['one address', ['X-Forwarded-For: 203.0.113.7'], '203.0.113.7'],
    [
      'the last that is no proxy',
      ['X-Forwarded-For: 6.6.6.6, 203.0.113.7, 10.1.2.3'],
      '203.0.113.7',
    ],
    [
      'several fields',
      ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-For: 203.0.113.7, 10.1.2.3'],
      '203.0.113.7',
    ],
    ['IPv6', ['X-Forwarded-For: 2001:DB8::7, fd00::1'], '2001:db8::7'],
    ['ports', ['X-Forwarded-For: [2001:db8::7]:99, 10.0.0.1:80'], '2001:db8::7'],
    ['only proxies', ['X-Forwarded-For: 10.9.9.9, 10.1.2.3'], '10.9.9.9'],
    ['rubbish last', ['X-Forwarded-For: 203.0.113.7, <script>'], '127.0.0.1'],
    ['rubbish behind a proxy', ['X-Forwarded-For: 203.0.113.7, unknown, 10.1.2.3'], '10.1.2.3'],
    [
      'Forwarded',
      ['Forwarded: for=6.6.6.6, for="[2001:db8::7]:4711", for=10.0.0.1'],
      '2001:db8::7',
    ],
    ['an obfuscated one', ['Forwarded: for=_hidden, for=10.0.0.1'], '10.0.0.1'],
    ['a broken Forwarded', ['Forwarded: for="203.0.113.7'], '127.0.0.1'],
    [
      'both: X-Forwarded-For',
      ['X-Forwarded-For: 203.0.113.7', 'Forwarded: for=6.6.6.6'],
      '203.0.113.7',
    ],
    ['nothing', [], '127.0.0.1'],
  ])('the client by %s', async (_kind, lines, client) => {
    const fields = await told(scene, lines);
    expect(fields['x-forwarded-for']).toEqual([client]);
    expect(fields['forwarded']?.[0]).toContain(
      client.includes(':') ? `for="[${client}]"` : `for=${client}`,
    );
    await scene.gateway.accessLine('the client', (line) => line['client'] === client);
  });

  it('scheme and host, and Host stays what it is', async () => {
    const lines = [
      'X-Forwarded-For: 203.0.113.7',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: App.Example:8443',
    ];
    expect(await told(scene, lines)).toEqual({
      'x-forwarded-for': ['203.0.113.7'],
      'x-forwarded-proto': ['https'],
      'x-forwarded-host': ['app.example:8443'],
      forwarded: ['for=203.0.113.7;proto=https;host="app.example:8443"'],
      host: ['a'],
    });
  });

  it('of several schemes the one beside the client counts', async () => {
    const lines = ['X-Forwarded-For: 203.0.113.7, 10.0.0.1', 'X-Forwarded-Proto: https, http'];
    expect((await told(scene, lines))['x-forwarded-proto']).toEqual(['https']);
  });

  it.each(['gopher', 'https://', ''])('a scheme of %j is not believed', async (proto) => {
    const lines = ['X-Forwarded-For: 203.0.113.7', `X-Forwarded-Proto: ${proto}`];
    expect((await told(scene, lines))['x-forwarded-proto']).toEqual([scheme]);
  });

  it.each(['a b', 'a@b', '', 'x'.repeat(300), 'a,b/c'])(
    'a host of %j is not believed',
    async (host) => {
      const lines = ['X-Forwarded-For: 203.0.113.7', `X-Forwarded-Host: ${host}`];
      expect((await told(scene, lines))['x-forwarded-host']).toEqual(['a']);
    },
  );

  it.runIf(lane === 'clear')(
    'https decides the name of the cookie, and which one counts',
    async () => {
      const https = 'X-Forwarded-Proto: https';
      const body = JSON.stringify({ username: 'user1', password: 'pass1' });
      const bytes = request(
        'POST',
        '/auth/login',
        [https, `Content-Length: ${String(body.length)}`],
        body,
      );
      const { response } = await scene.send(bytes);
      const cookie = response.value('set-cookie') ?? '';
      expect(cookie).toMatch(/^__Host-portcullis=.*; Secure/);
      const pair = `Cookie: ${cookie.slice(0, cookie.indexOf(';'))}`;
      await scene.passes(request('GET', '/private', [https, pair]));
      expect((await scene.send(request('GET', '/private', [pair]))).response.status).toBe(401);
      const clear = `Cookie: ${scene.cookie}`;
      expect((await scene.send(request('GET', '/private', [https, clear]))).response.status).toBe(
        401,
      );
    },
  );

  it('https and the forwarded host decide about a page of the same origin', async () => {
    const { cookie } = scene;
    const lines = [`Cookie: ${cookie}`, 'X-Forwarded-Host: app.example'];
    const other = scheme === 'http' ? 'https' : 'http';
    const post = (origin: string): string =>
      request('POST', '/auth/logout', [...lines, `Origin: ${origin}`, 'Content-Length: 0']);
    expect((await scene.send(post(`${scheme}://a`))).response.status).toBe(403);
    expect((await scene.send(post(`${other}://app.example`))).response.status).toBe(403);
    expect((await scene.send(post(`${scheme}://app.example`))).response.status).toBe(200);
  });
});
