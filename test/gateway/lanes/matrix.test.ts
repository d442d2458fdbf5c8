import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateFolder } from '../../support/certificates.ts';
import { Gateway } from '../../support/gateway.ts';
import { planned } from '../../support/gateway-yaml.ts';
import {
  LaneClient,
  lanes,
  type LaneAnswer,
  type LaneQuestion,
} from '../../support/lane-client.ts';
import { logIn } from '../../support/login.ts';
import { MirrorServer } from '../../support/mirror-server.ts';
import { waitFor, within } from '../../support/wait-for.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const upstreams = ['in the clear', 'over TLS'] as const;
const bodies = {
  'no body': null,
  'a body of known length': Buffer.from('{"known":"length"}'),
  'a body of unknown length': Buffer.from('in pieces, its end is its length'),
  'a large body': randomBytes(2_500_000),
} as const;

/** Fields of one connection or of its framing; the rest goes from end to end. */
const ofConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date']);

/** Repeated fields beside each other, those in their order: what HTTP/2's client tells, too. */
function endToEnd({ fields }: LaneAnswer): string[] {
  return fields
    .filter(([name]) => !ofConnection.has(name))
    .map(([name, value]) => `${name}: ${value}`)
    .toSorted();
}

describe('every lane, method, body and upstream', () => {
  const stack = new AsyncDisposableStack();
  const mirrors = new Map<string, MirrorServer>();
  const cookies = new Map<string, string>();
  let gateway: Gateway;

  beforeAll(async () => {
    const folder = stack.use(await CertificateFolder.make());
    const authority = await folder.issue({ subject: '/CN=authority', isAuthority: true });
    const pair = await folder.issue({ issuer: authority, names: ['IP:127.0.0.1'] });
    const [cert, key] = [await readFile(pair.certFile), await readFile(pair.keyFile)];
    const clear = stack.use(await MirrorServer.start());
    const secure = stack.use(await MirrorServer.start({ cert, key }));
    mirrors.set('in the clear', clear).set('over TLS', secure);
    const routes = [
      { path: '/over%20TLS/', auth: 'session', upstream: 'secure' },
      { path: '/', auth: 'session', upstream: 'app' },
    ] as const;
    const yaml = planned({ upstreamPorts: [clear.port], appRoutes: routes });
    yaml.upstreams = {
      ...yaml.upstreams,
      secure: {
        servers: [`https://127.0.0.1:${String(secure.port)}`],
        tls: { caFile: authority.certFile },
      },
    };
    const { edge } = yaml.listeners;
    if (edge === undefined) throw new Error('no edge');
    yaml.listeners['secure'] = { ...edge, tls: { certificates: [pair] } };
    gateway = stack.use(await Gateway.start(yaml));
    for (const lane of lanes) cookies.set(lane, (await logIn(portOf(lane))).cookie);
  });
  afterAll(() => stack.disposeAsync());

  const portOf = (lane: (typeof lanes)[number]): number =>
    lane === 'HTTP/1.1' ? gateway.edge : gateway.port('secure');

  describe.each(lanes)('over %s', (lane) => {
    const client = new LaneClient(lane);
    afterAll(() => client[Symbol.asyncDispose]());

    const mirrorAt = (upstream: string): MirrorServer => {
      const mirror = mirrors.get(upstream);
      if (mirror === undefined) throw new Error(`no mirror ${upstream}`);
      return mirror;
    };
    const question = (
      upstream: string,
      method: string,
      body: Buffer | null,
      end = '/x?y=z',
    ): LaneQuestion => ({
      port: portOf(lane),
      method,
      path: `/${encodeURIComponent(upstream)}${end}`,
      fields: {
        accept: 'text/plain;q=0.5, */*',
        'user-agent': 'matrix',
        'x-custom': 'one, "two"',
        cookie: `app=1; ${cookies.get(lane) ?? ''}; last=2`,
        ...(body && { 'content-type': 'application/x-matrix' }),
      },
      body,
    });

    describe.each(upstreams)('to an upstream %s', (upstream) => {
      const cells = methods.flatMap((method) =>
        Object.entries(bodies).map(([kind, body]) => ({ method, kind, body })),
      );

      it.each(cells)(
        '$method with $kind is answered as directly',
        async ({ method, kind, body }) => {
          const mirror = mirrorAt(upstream);
          const isChunked = kind === 'a body of unknown length';
          const framing = isChunked
            ? lane === 'HTTP/2'
              ? {}
              : { 'transfer-encoding': 'chunked' }
            : body && { 'content-length': String(body.length) };
          const own = question(upstream, method, body);
          const answer = await client.ask({ ...own, fields: { ...own.fields, ...framing } });
          await using neighbour = new LaneClient(
            upstream === 'over TLS' ? 'HTTP/1.1 over TLS' : 'HTTP/1.1',
          );
          const direct = await neighbour.ask({
            ...own,
            port: mirror.port,
            fields: {
              ...own.fields,
              cookie: 'app=1; last=2',
              ...(body && { 'content-length': String(body.length) }),
            },
          });
          expect(direct.status).toBe(method === 'POST' ? 201 : 207);
          expect(answer.status).toBe(direct.status);
          expect(endToEnd(answer)).toEqual(endToEnd(direct));
          expect(answer.body.equals(direct.body)).toBe(true);
          expect(mirror.seen.slice(-2).map((seen) => seen.bytes)).toEqual(
            Array(2).fill(body?.length ?? 0),
          );
        },
      );

      it.each(methods)('%s that is aborted in its body frees both sides', async (method) => {
        const mirror = mirrorAt(upstream);
        const before = mirror.seen.length;
        const own = question(upstream, method, Buffer.alloc(50_000), '/hold');
        const fields = { ...own.fields, 'content-length': '100000' };
        const asking = await client.begin({ ...own, fields });
        await waitFor('half of it upstream', () => mirror.seen[before]?.bytes === 50_000);
        asking.abandon();
        await isFree(mirror, before);
      });

      it.each(methods.filter((method) => method !== 'HEAD'))(
        '%s that is aborted in its answer frees both sides',
        async (method) => {
          const mirror = mirrorAt(upstream);
          const before = mirror.seen.length;
          const asking = await client.begin(question(upstream, method, null, '/begin'));
          await within('the answer to begin', asking.begun);
          asking.abandon();
          await isFree(mirror, before);
        },
      );

      /** Within a second, on a machine that is not in a hurry. */
      async function isFree(mirror: MirrorServer, index: number): Promise<void> {
        await waitFor('the upstream to be free', () => mirror.seen[index]?.isOver === true, 1_000);
        if (lane !== 'HTTP/2') {
          const listener = lane === 'HTTP/1.1' ? 'edge' : 'secure';
          await waitFor('the client to be gone', async () => (await openOf(listener)) === 0, 1_000);
        }
        const next = await client.ask(question(upstream, 'GET', null));
        expect(next.status).toBe(207);
      }
      const openOf = (listener: string): Promise<number> =>
        gateway.metric('portcullis_connections_active', `listener="${listener}"`);
    });
  });
});
