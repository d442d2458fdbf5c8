import { expect, it } from 'vitest';
import type { RouteTokens } from '../../../src/gateway/route-tokens.ts';
import { TokenCache } from '../../../src/gateway/token-cache.ts';
import { TokenKey } from '../../../src/gateway/token-key.ts';
import { TokenPhase, type TokenPhaseOwner } from '../../../src/gateway/token-phase.ts';
import { MemoryZoneStore } from '../../../src/keyval/memory-zone-store.ts';
import { ZoneCopy } from '../../../src/keyval/zone-copy.ts';
import { Zones } from '../../../src/keyval/zones.ts';
import { Lease } from '../../../src/session/lease.ts';
import { loneCoherence } from '../../../src/session/lone-coherence.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const clock = new ManualClock();
const lease = new Lease(clock.monotonic() + 800, clock.now() + 800);

function tokensOf(staleMsMax: number): RouteTokens {
  const zone = new Zones({
    ...{ clock, coherence: { ...loneCoherence(clock), lease } },
    store: new MemoryZoneStore(clock),
    zones: [{ name: 'z', entriesMax: 10, livesMs: 60_000 }],
  }).get('z');
  if (zone === undefined) throw new Error('no zone');
  const cache = new TokenCache({
    ...{ zone, clock, onFailure: () => {} },
    config: {
      ...{ name: 'c', zone: 'z', key: [], required: [], requiredLengthMin: 1, field: 'X-Authkey' },
      ...{ tokenLengthMin: 10, refreshAheadMs: 0, waitersMax: 3, deadlineMs: 5_000 },
      service: {
        ...{ type: 'http', url: 'http://a/', keyField: 'X-Key', timeoutMs: 1_000 },
        ...{ tokenBytesMax: 1_000, format: 'text', ca: null },
      },
    },
    service: {
      ask: () => Promise.resolve({ kind: 'unavailable', reason: 'out' }),
      stop: () => Promise.resolve(),
    },
  });
  const key = new TokenKey({ key: [], required: [], requiredLengthMin: 1 });
  return { cache, key, staleMsMax };
}

const owner: TokenPhaseOwner = {
  ...{ clock, issued: () => {}, say: () => {}, challenge: () => {}, broke: () => {} },
};

it('a token may be stale where it was found so, and nowhere else', () => {
  const phase = new TokenPhase(owner);
  const endsAtMs = clock.now() + 60_000;
  const issued = new ZoneCopy({ key: 'k', value: 'a-token-of-text', endsAtMs, livesMs: 60_000 });
  const route = { tokens: tokensOf(5_000) };
  const holds = (cacheStatus: 'HIT' | 'MISS' | 'STALE') =>
    phase.holds({ cacheStatus, issued, route });
  expect([holds('HIT'), holds('MISS'), holds('STALE')]).toEqual([true, true, true]);
  clock.advance(1_000);
  expect([holds('HIT'), holds('MISS'), holds('STALE')]).toEqual([false, false, true]);
  clock.advance(5_000);
  expect(holds('STALE')).toBe(false);
});
