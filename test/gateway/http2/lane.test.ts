import { randomBytes } from 'node:crypto';
import { constants } from 'node:http2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CertificateFolder } from '../../support/certificates.ts';
import { curl } from '../../support/curl.ts';
import { Gateway } from '../../support/gateway.ts';
import { Http2Client } from '../../support/http2-client.ts';
import { logIn } from '../../support/login.ts';
import {
  chunked,
  never,
  ok,
  RecordingUpstream,
  reset,
  respond,
} from '../../support/recording-upstream.ts';
import { waitFor, within } from '../../support/wait-for.ts';

const stack = new AsyncDisposableStack();
let gateway: Gateway;
let upstream: RecordingUpstream;
let cookie: string;
let client: Http2Client;

beforeAll(async () => {
  const folder = stack.use(await CertificateFolder.make());
  upstream = stack.use(await RecordingUpstream.start());
  gateway = stack.use(
    await Gateway.planned({
      upstreamPorts: [upstream.port],
      edge: {
        tls: { certificates: [await folder.issue({ names: ['localhost'] })] },
        limits: {
          headBytesMax: '16KiB',
          fieldsMax: 50,
          bodyBytesMax: '8MiB',
          bodyBytesPerSecondMin: 1_000,
        },
        timeouts: { bodyIdle: '700ms' },
      },
    }),
  );
  cookie = (await logIn(gateway.edge)).cookie;
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  upstream.answer = ok();
  client = stack.use(await Http2Client.connect(gateway.edge));
});

const last = () => {
  const request = upstream.requests.at(-1);
  if (request === undefined) throw new Error('nothing reached the upstream');
  return request;
};

describe('a slow body on HTTP/2', () => {
  it('that drips is 408 although no pause is too long, and frees the upstream', async () => {
    const stream = client.session.request({ ':path': '/public/x', ':method': 'POST' });
    stream.on('error', () => {});
    const status = new Promise<unknown>((resolve) =>
      stream.once('response', (head) => resolve(head[':status'])),
    );
    const drip = setInterval(() => stream.write('x'), 50);
    try {
      expect(await within('an answer', status)).toBe(408);
    } finally {
      clearInterval(drip);
    }
    stream.destroy();
    await waitFor('the upstream to be free', () =>
      upstream.connections.every((one) => one.isClosed || one.requests.length > 0),
    );
  });
});

describe('a request on HTTP/2', () => {
  it('is decided like one on HTTP/1.1, and reaches the upstream once, with one identity', async () => {
    const before = upstream.requests.length;
    const answer = await client.ask({
      ':path': '/api//x/../echo?a=%2f',
      cookie: [cookie, 'app=1'].join('; '),
      'x-userinfo': 'root',
      x_userinfo: 'root',
      authorization: 'Bearer x',
      te: 'trailers',
    });
    expect(answer.status).toBe(200);
    expect(upstream.requests.length - before).toBe(1);
    const request = last();
    const valueOf = (name: string): string | undefined => request.values(name)[0];
    expect(request.target).toBe('/api/echo?a=%2f');
    expect(request.values('x-userinfo')).toHaveLength(1);
    expect(valueOf('x-userinfo')).toContain('"user1"');
    expect(valueOf('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(valueOf('x-forwarded-proto')).toBe('https');
    expect(valueOf('cookie')).toBe('app=1');
    for (const name of ['x_userinfo', 'authorization', 'te']) {
      expect(request.values(name)).toEqual([]);
    }
  });

  it('without a session is refused as there, with the same fields', async () => {
    const answer = await client.ask({ ':path': '/api/echo' });
    expect([answer.status, answer.fields['www-authenticate']]).toEqual([
      401,
      'Cookie realm="portcullis"',
    ]);
    expect(answer.fields['cache-control']).toBe('no-store');
  });

  it('logs in, and is refused after the logout', async () => {
    const login = await client.ask(
      { ':method': 'POST', ':path': '/auth/login' },
      Buffer.from('{"username":"user2","password":"pass2"}'),
    );
    expect(login.status).toBe(200);
    const own = String(login.fields['set-cookie']).split(';')[0] ?? '';
    expect(own).toMatch(/^__Host-portcullis=/);
    expect((await client.ask({ ':path': '/api/x', cookie: own })).status).toBe(200);
    expect((await client.ask({ ':path': '/auth/logout', cookie: own })).status).toBe(200);
    expect((await client.ask({ ':path': '/api/x', cookie: own })).status).toBe(401);
  });

  it.each([
    ['a blank in the path', { ':path': '/a b' }, 400],
    ['a fragment', { ':path': '/api/x#y' }, 400],
    ['two hosts', { ':path': '/api/x', ':authority': 'a.example', host: 'b.example' }, 400],
    ['TRACE', { ':method': 'TRACE', ':path': '/api/x' }, 405],
    ['an unknown expectation', { ':path': '/api/x', expect: 'magic' }, 417],
  ])('with %s is refused, and reaches nobody', async (_, fields, status) => {
    const before = upstream.requests.length;
    const { status: said, code } = await client.ask({ cookie, ...fields });
    // The framing library of a client or of ours may refuse first, by closing the stream.
    expect(said === status || (said === 0 && code !== constants.NGHTTP2_NO_ERROR)).toBe(true);
    expect(upstream.requests.length).toBe(before);
  });
});

describe('bodies on HTTP/2', () => {
  it.each([
    ['of known length', true],
    ['of unknown length', false],
  ])('%s reach the upstream whole', async (_, isKnown) => {
    const body = randomBytes(700_000);
    const length = isKnown ? { 'content-length': String(body.length) } : {};
    const fields = { ':method': 'POST', ':path': '/api/up', cookie, ...length };
    expect((await client.ask(fields, body)).status).toBe(200);
    expect(last().body.equals(body)).toBe(true);
    expect(last().values(isKnown ? 'content-length' : 'transfer-encoding')).toHaveLength(1);
  });

  it('of answers come whole, with a length or in chunks', async () => {
    const body = randomBytes(900_000);
    upstream.answer = respond(200, [], body);
    expect((await client.ask({ ':path': '/api/x', cookie })).body.equals(body)).toBe(true);
    upstream.answer = chunked([body.subarray(0, 10), body.subarray(10)]);
    expect((await client.ask({ ':path': '/api/x', cookie })).body.equals(body)).toBe(true);
  });

  it('larger than the limit are 413', async () => {
    const fields = { ':method': 'POST', ':path': '/api/up', cookie };
    expect((await client.ask(fields, Buffer.alloc(9 * 1024 * 1024))).status).toBe(413);
  });

  it('that stand still are 408, and free the upstream', async () => {
    const stream = client.session.request({ ':method': 'POST', ':path': '/api/up', cookie });
    stream.write('begun');
    const status = new Promise((resolve) => {
      stream.once('response', (head) => resolve(head[':status']));
    });
    stream.on('error', () => {});
    expect(await status).toBe(408);
    await waitFor('the upstream to be free', async () => {
      return (await gateway.metric('portcullis_upstream_connections_open')) <= 1;
    });
  });

  it('leave the connection alone when the answer comes first', async () => {
    upstream.answer = respond(200, [], 'early');
    const stream = client.session.request({ ':method': 'POST', ':path': '/auth/session' });
    stream.on('error', () => {});
    stream.write(Buffer.alloc(100_000));
    await new Promise((resolve) => stream.once('response', resolve));
    stream.resume();
    await new Promise((resolve) => stream.once('close', resolve));
    expect((await client.ask({ ':path': '/api/x', cookie })).status).toBe(200);
  });
});

describe('streams of one connection', () => {
  it('do not wait for one that stands still', async () => {
    upstream.answer = (turn) => (turn.request.target.includes('slow') ? undefined : ok()(turn));
    const slow = client.session.request({ ':path': '/api/slow', cookie });
    slow.on('error', () => {});
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => client.ask({ ':path': '/api/x', cookie })),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    slow.close(constants.NGHTTP2_CANCEL);
    await waitFor('the upstream to hear of it', async () => {
      return (await gateway.metric('portcullis_requests_total', 'code="none"')) > 0;
    });
  });

  it('end by themselves when the upstream breaks off', async () => {
    upstream.answer = reset();
    expect((await client.ask({ ':path': '/api/x', cookie })).status).toBe(502);
    upstream.answer = ok();
    expect((await client.ask({ ':path': '/api/x', cookie })).status).toBe(200);
  });

  it('that a client takes back by the hundred end its connection (CVE-2023-44487)', async () => {
    upstream.answer = never();
    for (let round = 0; round < 500 && !client.session.destroyed; round++) {
      const stream = client.session.request({ ':path': '/api/slow', cookie });
      stream.on('error', () => {});
      stream.close(constants.NGHTTP2_CANCEL);
      if (round % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor('the connection to be closed', () => client.session.destroyed);
    upstream.answer = ok();
    await using other = await Http2Client.connect(gateway.edge);
    expect((await other.ask({ ':path': '/api/x', cookie })).status).toBe(200);
  });
});

describe('curl', () => {
  it('uses HTTP/2 where it is offered', async () => {
    const url = `https://localhost:${String(gateway.edge)}/auth/session`;
    const { head, status } = await curl('--http2', '-k', '--max-time', '10', url);
    expect([head.split(' ')[0], status]).toEqual(['HTTP/2', 401]);
  });
});
