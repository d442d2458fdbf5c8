import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { RawClient, type RawResponse } from '../../support/raw-client.ts';
import { RecordingUpstream } from '../../support/recording-upstream.ts';
import { chunk, lastChunk, request } from '../../support/request.ts';

const stack = new AsyncDisposableStack();
let gateway: Gateway;
let upstream: RecordingUpstream;

beforeAll(async () => {
  upstream = stack.use(await RecordingUpstream.start());
  const hour = { per: '1h', burst: 3 };
  gateway = stack.use(
    await Gateway.planned({
      upstreamPorts: [upstream.port],
      sections: {
        rateLimits: {
          address: { requests: 3, ...hour },
          user: { by: 'user', requests: 3, ...hour },
          session: { by: 'session', requests: 3, ...hour },
          asked: { by: 'session', requests: 3, ...hour },
          key: { by: 'header:X-Api-Key', requests: 3, ...hour },
        },
      },
      edge: { limits: { bodyBytesMax: '1KiB' }, trustedPeers: ['127.0.0.1/32'] },
      routes: [{ exactPath: '/validate', endpoint: 'validate', rateLimits: ['asked'] }],
      appRoutes: [
        { path: '/address/', auth: 'none', upstream: 'app', rateLimits: ['address'] },
        { path: '/same/', auth: 'none', upstream: 'app', rateLimits: ['address'] },
        { path: '/user/', auth: 'session', upstream: 'app', rateLimits: ['user'] },
        { path: '/session/', auth: 'session', upstream: 'app', rateLimits: ['session'] },
        { path: '/key/', auth: 'none', upstream: 'app', rateLimits: ['key'] },
        { path: '/large/', auth: 'none', upstream: 'app', bodyBytesMax: '8KiB' },
        { path: '/small/', auth: 'none', upstream: 'app', bodyBytesMax: '16' },
        { path: '/usual/', auth: 'none', upstream: 'app' },
        {
          path: '/careful/',
          auth: 'none',
          upstream: 'app',
          securityFields: { contentSecurityPolicy: "default-src 'self'" },
        },
        { path: '/closed/', auth: 'session', upstream: 'app', securityFields: {} },
      ],
    }),
  );
});
afterAll(() => stack.disposeAsync());

async function answers(count: number, path: string, lines: string[] = []): Promise<RawResponse[]> {
  await using client = await RawClient.connect(gateway.edge);
  const responses: RawResponse[] = [];
  while (responses.length < count) {
    responses.push(await client.write(request('GET', path, lines)).response());
  }
  return responses;
}

async function statuses(count: number, path: string, lines: string[] = []): Promise<number[]> {
  return (await answers(count, path, lines)).map(({ status }) => status);
}

describe('a rate limit', () => {
  it('by address refuses what is above it with 429 and Retry-After, on all its routes, and counts', async () => {
    const before = upstream.requests.length;
    expect(await statuses(2, '/address/x')).toEqual([200, 200]);
    const [third, fourth] = await answers(2, '/same/x');
    expect([third?.status, fourth?.status]).toEqual([200, 429]);
    // One request in twenty minutes.
    const seconds = Number(fourth?.value('retry-after'));
    expect(seconds).toBeGreaterThan(1_000);
    expect(seconds).toBeLessThanOrEqual(1_200);
    expect(upstream.requests.length - before).toBe(3);
    expect(await gateway.metric('portcullis_rate_limited_total', 'limit="address"')).toBe(1);
  });

  it('by user is one budget for all sessions of a user, and another for the next user', async () => {
    const one = await logIn(gateway.edge);
    const two = await logIn(gateway.edge);
    const other = await logIn(gateway.edge, 'user2', 'pass2');
    expect(await statuses(2, '/user/x', [`Cookie: ${one.cookie}`])).toEqual([200, 200]);
    expect(await statuses(2, '/user/x', [`Cookie: ${two.cookie}`])).toEqual([200, 429]);
    expect(await statuses(1, '/user/x', [`Cookie: ${other.cookie}`])).toEqual([200]);
  });

  it('by session is one budget for each', async () => {
    const one = await logIn(gateway.edge);
    const two = await logIn(gateway.edge);
    expect(await statuses(4, '/session/x', [`Cookie: ${one.cookie}`])).toEqual([
      200, 200, 200, 429,
    ]);
    expect(await statuses(1, '/session/x', [`Cookie: ${two.cookie}`])).toEqual([200]);
  });

  it('by a header is one budget for each value, and without it one for the address', async () => {
    expect(await statuses(4, '/key/x', ['X-Api-Key: one'])).toEqual([200, 200, 200, 429]);
    expect(await statuses(1, '/key/x', ['X-Api-Key: two'])).toEqual([200]);
    expect(await statuses(4, '/key/x')).toEqual([200, 200, 200, 429]);
  });
});

describe('a rate limit at an endpoint that another proxy asks', () => {
  it('is 403, because such a proxy takes 429 for a fault', async () => {
    const { cookie } = await logIn(gateway.edge);
    expect(await statuses(4, '/validate', [`Cookie: ${cookie}`])).toEqual([200, 200, 200, 403]);
  });
});

describe('the limit of a body', () => {
  const long = (path: string, bytes: number): string =>
    request('POST', path, [`Content-Length: ${String(bytes)}`], 'x'.repeat(bytes));
  const chunks = (path: string, bytes: number): string =>
    request('POST', path, ['Transfer-Encoding: chunked'], chunk('x'.repeat(bytes)) + lastChunk);

  async function status(bytes: string): Promise<number> {
    await using client = await RawClient.connect(gateway.edge);
    return (await client.write(bytes).response()).status;
  }

  it.each([
    ['the listener', '/usual/x', 1_024],
    ['a route that allows more', '/large/x', 8_192],
    ['a route that allows less', '/small/x', 16],
  ])('of %s holds for bodies with a length and without', async (_claim, path, bytes) => {
    expect(await status(long(path, bytes))).toBe(200);
    expect(await status(long(path, bytes + 1))).toBe(413);
    expect(await status(chunks(path, bytes))).toBe(200);
    expect(await status(chunks(path, bytes + 1))).toBe(413);
  });
});

describe('security fields', () => {
  it('are added to what the upstream says, and do not stand beside its own', async () => {
    upstream.answer = ({ connection }) =>
      connection.write('HTTP/1.1 200 OK\r\nX-Frame-Options: DENY\r\nContent-Length: 2\r\n\r\nok');
    const [response] = await answers(1, '/careful/x');
    expect(response?.values('x-frame-options')).toEqual(['DENY']);
    expect(response?.values('x-content-type-options')).toEqual(['nosniff']);
    expect(response?.values('referrer-policy')).toEqual(['strict-origin-when-cross-origin']);
    expect(response?.values('content-security-policy')).toEqual(["default-src 'self'"]);
    expect(response?.value('strict-transport-security')).toBeUndefined();
  });

  it('are on answers of our own, too', async () => {
    const [refused] = await answers(1, '/closed/x');
    expect(refused?.status).toBe(401);
    expect(refused?.values('x-content-type-options')).toEqual(['nosniff']);
    expect(refused?.values('x-frame-options')).toEqual(['SAMEORIGIN']);
  });

  it('are nowhere else', async () => {
    const [response] = await answers(1, '/usual/x');
    expect(response?.value('x-content-type-options')).toBeUndefined();
  });
});
