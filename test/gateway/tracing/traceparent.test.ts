import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateFolder } from '../../support/certificates.ts';
import { Gateway, type AccessLine } from '../../support/gateway.ts';
import { Http2Client } from '../../support/http2-client.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { ok, RecordingUpstream, type ReceivedRequest } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { agrees, handshakeLines } from '../../support/web-socket.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';
const valid = `00-${id}-${parent}-01`;
const ours = /^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-3])$/;

const stack = new AsyncDisposableStack();
let gateway: Gateway;
let upstream: RecordingUpstream;
beforeAll(async () => {
  const folder = stack.use(await CertificateFolder.make());
  upstream = stack.use(
    await RecordingUpstream.start({
      answer: (turn) => (turn.request.values('upgrade').length > 0 ? agrees()(turn) : ok()(turn)),
    }),
  );
  const routes = [
    { path: '/', auth: 'none' as const, upstream: 'app' },
    { path: '/private/', auth: 'session' as const, upstream: 'app' },
  ];
  const certificates = [await folder.issue({ names: ['localhost'] })];
  gateway = stack.use(
    await Gateway.start({
      accessLog: { path: '-' },
      listeners: {
        edge: { routes },
        secure: { tls: { certificates }, routes },
        control: {
          trustedPeers: ['127.0.0.1'],
          sidecars: [{ path: '/sidecar', profile: 'caddy', decidesAs: 'edge' }],
          routes: [{ path: '/', auth: 'none', respond: { status: 404 } }],
        },
      },
      upstreams: { app: { servers: [`127.0.0.1:${String(upstream.port)}`] } },
    }),
  );
});
afterAll(() => stack.disposeAsync());

/** What the upstream got of a request that no other has the path of. */
const received = (path: string): ReceivedRequest => {
  const found = upstream.requests.find(({ target }) => target === path);
  if (found === undefined) throw new Error(`nothing came for ${path}`);
  return found;
};
const logged = (path: string): Promise<AccessLine> =>
  gateway.accessLine(path, (line) => line['path'] === path);

/** The trace that an upstream was told of, which the access log has, too. */
async function traceOf(path: string) {
  const values = received(path).values('traceparent');
  expect(values).toHaveLength(1);
  const [, traceId = '', parentId = '', flags = ''] = ours.exec(values[0] ?? '') ?? [];
  const line = await logged(path);
  expect(line['traceId']).toBe(traceId);
  return { traceId, parentId, flags, requestId: line['requestId'] };
}

/** One request of each lane that reaches an upstream. */
const lanes: Readonly<
  Record<string, (path: string, fields: Readonly<Record<string, string>>) => Promise<void>>
> = {
  'HTTP/1.1': async (path, fields) => {
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
    expect((await ask(gateway.edge, request('GET', path, lines))).status).toBe(200);
  },
  'HTTP/2': async (path, fields) => {
    await using client = await Http2Client.connect(gateway.port('secure'));
    expect((await client.ask({ ':path': path, ...fields })).status).toBe(200);
  },
  WebSockets: async (path, fields) => {
    await using client = await RawClient.connect(gateway.edge);
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
    client.write(request('GET', path, [...handshakeLines, 'Origin: http://a', ...lines]));
    expect(await client.informational()).toBe(101);
  },
};

describe.each(Object.keys(lanes))('over %s a request', (name) => {
  const send = lanes[name] ?? (() => Promise.reject(new Error('no lane')));
  const at = (what: string): string => `/${name.toLowerCase().replaceAll(/\W/g, '-')}-${what}`;

  it('without a trace begins one, by the id of the request', async () => {
    await send(at('none'), {});
    const { flags, requestId, traceId } = await traceOf(at('none'));
    expect(traceId).toBe(requestId);
    expect(flags).toBe('01');
  });

  it('of a trace stays in it, under another parent id, and its state goes along', async () => {
    await send(at('kept'), { traceparent: valid, tracestate: 'vendor=abc,other=1' });
    const { parentId, traceId } = await traceOf(at('kept'));
    expect(traceId).toBe(id);
    expect(parentId).not.toBe(parent);
    expect(received(at('kept')).values('tracestate')).toEqual(['vendor=abc,other=1']);
  });

  it('that says not to be recorded is still not to be', async () => {
    await send(at('quiet'), { traceparent: `00-${id}-${parent}-00` });
    expect((await traceOf(at('quiet'))).flags).toBe('00');
  });

  it('with a trace that is none begins one, and its state goes', async () => {
    await send(at('bad'), { traceparent: `00-${'0'.repeat(32)}-${parent}-01`, tracestate: 'a=1' });
    const { requestId, traceId } = await traceOf(at('bad'));
    expect(traceId).toBe(requestId);
    expect(received(at('bad')).values('tracestate')).toEqual([]);
  });
});

describe('a trace', () => {
  it('that comes twice is none', async () => {
    await ask(
      gateway.edge,
      request('GET', '/twice', [
        `Traceparent: ${valid}`,
        `TRACEPARENT: ${valid}`,
        'Tracestate: a=1',
      ]),
    );
    expect((await traceOf('/twice')).traceId).not.toBe(id);
    expect(received('/twice').values('tracestate')).toEqual([]);
  });

  it('cannot be taken away by who names it in Connection', async () => {
    const lines = ['Connection: traceparent, tracestate', `Traceparent: ${valid}`];
    await ask(gateway.edge, request('GET', '/nominated', lines));
    await traceOf('/nominated');
  });

  it('has its state from several fields as one', async () => {
    const lines = [`traceparent: ${valid}`, 'tracestate: a=1', 'TraceState: b=2'];
    await ask(gateway.edge, request('GET', '/states', lines));
    expect(received('/states').values('tracestate')).toEqual(['a=1,b=2']);
  });

  it('is in the access log also of what no upstream gets', async () => {
    await ask(gateway.edge, request('GET', '/private/x', [`traceparent: ${valid}`]));
    expect(await logged('/private/x')).toMatchObject({ status: 401, traceId: id });
    const asked = [
      ...['X-Forwarded-Method: GET', 'X-Forwarded-Proto: http', 'X-Forwarded-Host: app.example'],
      ...['X-Forwarded-Uri: /asked', 'X-Forwarded-For: 203.0.113.7', `traceparent: ${valid}`],
    ];
    const answer = await ask(gateway.control, request('GET', '/sidecar', asked));
    expect(answer.status).toBe(200);
    expect(await logged('/asked')).toMatchObject({ client: '203.0.113.7', traceId: id });
  });

  it('every lane is counted by its name', async () => {
    for (const lane of ['http/1.1', 'http/2', 'websocket', 'sidecar'])
      expect(
        await gateway.metric('portcullis_requests_total', `lane="${lane}"`),
        lane,
      ).toBeGreaterThan(0);
    expect(await gateway.metric('portcullis_requests_in_flight')).toBe(0);
  });
});

describe('other settings of tracing', () => {
  const started = async (tracing: Record<string, unknown>, trustedProxies: string[] = []) =>
    await Gateway.start({
      tracing,
      accessLog: { path: '-' },
      listeners: {
        edge: { trustedProxies, routes: [{ path: '/', auth: 'none', upstream: 'app' }] },
      },
      upstreams: { app: { servers: [`127.0.0.1:${String(upstream.port)}`] } },
    });
  const lines = [`Traceparent: ${valid}`, 'Tracestate: A B'];

  it('off: both fields pass as they come, and the log has none', async () => {
    await using own = await started({ traceparent: false });
    await ask(own.edge, request('GET', '/off', lines));
    expect(received('/off').values('traceparent')).toEqual([valid]);
    expect(received('/off').values('tracestate')).toEqual(['A B']);
    expect(await own.accessLine('it', () => true)).toMatchObject({ traceId: null });
  });

  it('of trusted proxies only: a client begins anew, unsampled where that is said', async () => {
    await using own = await started({ continueFrom: 'trustedProxies', sampled: false });
    await ask(own.edge, request('GET', '/client', lines));
    expect(received('/client').values('traceparent')[0]).toMatch(/-00$/);
    expect(received('/client').values('traceparent')[0]).not.toContain(id);
    await using behind = await started({ continueFrom: 'trustedProxies' }, ['127.0.0.1']);
    await ask(behind.edge, request('GET', '/proxy', lines));
    expect(received('/proxy').values('traceparent')[0]).toContain(id);
  });
});
