import { describe, expect, it } from 'vitest';
import type { EndpointRequest } from '../../../src/endpoints/endpoint.ts';
import { KeyvalApi } from '../../../src/endpoints/keyval-api.ts';
import { Answers } from '../../../src/http/answers.ts';
import { SessionCookie } from '../../../src/http/set-cookie.ts';
import { MemoryZoneStore } from '../../../src/keyval/memory-zone-store.ts';
import { Zones } from '../../../src/keyval/zones.ts';
import { Pages } from '../../../src/pages/pages.ts';
import { loneCoherence } from '../../../src/session/lone-coherence.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { pagesConfig } from '../../support/pages-config.ts';

const clock = new ManualClock();
const cookie = new SessionCookie({ name: null, path: '/', sameSite: 'Lax', maxAgeMs: 0 });
const pages = new Pages(pagesConfig, { home: '/', returnHosts: [] });

function apiOf(isGuarded: boolean, allowedPeers = ['127.0.0.1/32', '::1/128']): KeyvalApi {
  return new KeyvalApi({
    answers: new Answers('modern', cookie, pages),
    zones: new Zones({
      ...{ clock, coherence: loneCoherence(clock), store: new MemoryZoneStore(clock) },
      zones: [{ name: 'z', entriesMax: 10, livesMs: 60_000 }],
    }),
    api: { isWritable: true, allowedPeers, zones: null },
    ...{ prefix: '/api/', allowedOrigins: [], isGuarded },
    othersOnline: () => Promise.resolve(0),
  });
}

type Asked = Partial<EndpointRequest> & { readonly fields?: Readonly<Record<string, string>> };

async function statusOf(api: KeyvalApi, { fields = {}, ...changes }: Asked = {}): Promise<number> {
  const reply = await api.answer({
    ...{ method: 'GET', path: '/api/9/http/keyvals/z', query: '', loginUrl: null },
    ...{ requestId: '0', isSecure: false, host: '127.0.0.1:8080', live: null },
    ...{ clientAddress: '127.0.0.1', peerAddress: '127.0.0.1', isRenewalDue: false },
    ...{ cookieToken: null, body: Buffer.alloc(0) },
    field: (name) => fields[name],
    cookie: () => null,
    fieldLines: () => [],
    ...changes,
  });
  return reply.status;
}

describe('the keyval API', () => {
  it('answers under names only where its route has some, or wants a session', async () => {
    const open = apiOf(false);
    for (const host of ['127.0.0.1', '127.0.0.1:80', '[::1]:80', 'localhost', 'localhost:80']) {
      expect(await statusOf(open, { host })).toBe(200);
    }
    for (const host of ['evil.example', 'evil.example:80', 'localhost.evil.example', '']) {
      expect(await statusOf(open, { host })).toBe(421);
      expect(await statusOf(apiOf(true), { host })).toBe(200);
    }
  });

  it.each(['GET', 'HEAD', 'DELETE'])('takes no %s from a page of somebody else', async (method) => {
    const foreign = [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }];
    for (const fields of foreign) {
      expect(await statusOf(apiOf(true), { method, fields })).toBe(403);
    }
    const own = { 'sec-fetch-site': 'same-origin' };
    expect(await statusOf(apiOf(true), { method, fields: own })).toBeLessThan(300);
  });

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1'])(
    'does not take %s for this machine where a proxy on another one says it',
    async (clientAddress) => {
      const api = apiOf(false);
      expect(await statusOf(api, { clientAddress, peerAddress: '10.0.0.10' })).toBe(403);
      expect(await statusOf(api, { clientAddress, peerAddress: '::1' })).toBe(200);
    },
  );

  it('takes the word of a proxy for other addresses', async () => {
    const asked = { clientAddress: '192.0.2.7', peerAddress: '10.0.0.10' };
    expect(await statusOf(apiOf(false, ['192.0.2.0/24']), asked)).toBe(200);
  });
});
