import { describe, expect, test } from 'vitest';
import { referenced } from '../../../src/session/cached-session.ts';
import type { CachedSession } from '../../../src/session/cached-session.ts';
import { SessionCache } from '../../../src/session/session-cache.ts';
import { createSessionId, sessionKeyOf } from '../../../src/session/session.ts';
import type { StoredSession } from '../../../src/session/session-store.ts';
import { principalNamed } from '../../support/session-parts.ts';

interface Record {
  readonly id: string;
  readonly stored: StoredSession;
}

function newRecord(changes: Partial<StoredSession> = {}): Record {
  const id = createSessionId();
  const stored = {
    key: sessionKeyOf(id),
    principal: principalNamed('user1'),
    actor: null,
    createdAtMs: 1_000,
    absoluteDeadlineMs: 100_000,
    lastSeenAtMs: 1_000,
    version: 1,
    ...changes,
  };
  return { id, stored };
}

function newCache(entriesMax = 1_000): { cache: SessionCache; evicted: CachedSession[] } {
  const evicted: CachedSession[] = [];
  const cache = new SessionCache({ entriesMax, onEvicted: (entry) => evicted.push(entry) });
  return { cache, evicted };
}

const describeUser = (entry: CachedSession): string => `X-User: ${entry.principal.subject}\r\n`;

function filled(cache: SessionCache, record = newRecord(), token?: string): CachedSession {
  const fill = cache.fill(cache.ticket(), record.id, record.stored, describeUser);
  if (fill.kind !== 'filled') throw new Error(fill.kind);
  if (token !== undefined) cache.bind(fill.entry, token);
  return fill.entry;
}

describe('the session cache', () => {
  test('finds a session by each of its tokens and by its key', () => {
    const { cache } = newCache();
    const entry = filled(cache, newRecord(), 'token-number-1');
    cache.bind(entry, 'token-number-2');
    cache.bind(entry, 'token-number-2');
    expect(cache.byToken('token-number-1')).toBe(entry);
    expect(cache.byToken('token-number-2')).toBe(entry);
    expect(cache.byToken('token-number-3')).toBeUndefined();
    expect(cache.byKey(entry.key)).toBe(entry);
    expect(entry.identityFields).toBe('X-User: user1\r\n');
    expect(cache.size).toBe(1);
  });

  test('keeps a few tokens of a session, the oldest makes room', () => {
    const { cache } = newCache();
    const entry = filled(cache);
    const tokens = Array.from({ length: 6 }, (_, n) => `token-number-${String(n)}`);
    for (const token of tokens) cache.bind(entry, token);
    const known = tokens.filter((token) => cache.byToken(token) === entry);
    expect(known).toEqual(tokens.slice(2));
  });

  test('drops a revoked session with all its tokens at once, and nobody else', () => {
    const { cache } = newCache();
    const entry = filled(cache, newRecord(), 'token-number-1');
    cache.bind(entry, 'token-number-2');
    const other = filled(cache, newRecord(), 'token-number-3');
    cache.revoke([entry.key], 0);
    expect(cache.byToken('token-number-1')).toBeUndefined();
    expect(cache.byToken('token-number-2')).toBeUndefined();
    expect(cache.byKey(entry.key)).toBeUndefined();
    expect(cache.isRevoked(entry.key)).toBe(true);
    expect(cache.byToken('token-number-3')).toBe(other);
    cache.bind(entry, 'token-number-4');
    expect(cache.byToken('token-number-4')).toBeUndefined();
  });

  test('refuses a fill whose read began before the revocation, and one that began after it', () => {
    const { cache } = newCache();
    const { id, stored } = newRecord();
    const ticket = cache.ticket();
    cache.revoke([stored.key], 0);
    for (const taken of [ticket, cache.ticket()]) {
      expect(cache.fill(taken, id, stored, describeUser)).toEqual({ kind: 'revoked' });
    }
    expect(cache.size).toBe(0);
  });

  test('is unsure of a read that outlasts the memory for revocations', () => {
    const { cache } = newCache();
    const { id, stored } = newRecord();
    const ticket = cache.ticket();
    cache.revoke([stored.key], 0);
    for (let n = 0; n < 300_000 && cache.isRevoked(stored.key); n += 1) {
      cache.revoke([`some-other-key-${String(n)}`], 0);
    }
    expect(cache.isRevoked(stored.key)).toBe(false);
    expect(cache.fill(ticket, id, stored, describeUser)).toEqual({ kind: 'unsure' });
  });

  test('keeps one copy of a session, seen at the later of both times', () => {
    const { cache } = newCache();
    const record = newRecord();
    const entry = filled(cache, record, 'token-number-1');
    entry.see(5_000);
    const again = filled(cache, { ...record, stored: { ...record.stored, lastSeenAtMs: 7_000 } });
    expect(again).toBe(entry);
    expect(entry.lastSeenAtMs).toBe(7_000);
    filled(cache, record);
    expect(entry.lastSeenAtMs).toBe(7_000);
  });

  test('replaces a copy by a newer version under the same tokens, never by an older one', () => {
    const { cache } = newCache();
    const record = newRecord();
    const entry = filled(cache, record, 'token-number-1');
    cache.bind(entry, 'token-number-2');
    entry.see(5_000);
    const principal = principalNamed('renamed');
    const newer = { id: record.id, stored: { ...record.stored, version: 2, principal } };
    const replacing = filled(cache, newer);
    expect(replacing.identityFields).toBe('X-User: renamed\r\n');
    expect(replacing.lastSeenAtMs).toBe(5_000);
    expect(cache.byToken('token-number-1')).toBe(replacing);
    expect(cache.byToken('token-number-2')).toBe(replacing);
    expect(filled(cache, record)).toBe(replacing);
    expect(cache.size).toBe(1);
  });

  test('evicts what nobody asked for since the hand went by, and tells', () => {
    const { cache, evicted } = newCache(20);
    const entries = Array.from({ length: 20 }, (_, n) =>
      filled(cache, newRecord(), `token-number-${String(n)}`),
    );
    for (const entry of entries) entry.flags &= ~referenced;
    const wanted = entries.filter((_, n) => n % 2 === 0);
    for (const entry of wanted) entry.flags |= referenced;
    for (let n = 0; n < 10; n += 1) {
      for (const entry of wanted) entry.flags |= referenced;
      filled(cache);
    }
    expect(cache.size).toBe(20);
    expect(evicted).toHaveLength(10);
    for (const entry of wanted) expect(cache.byKey(entry.key)).toBe(entry);
    for (const entry of evicted) expect(cache.byToken(entry.token)).toBeUndefined();
  });

  test('evicts within a bounded walk where every session is in use', () => {
    const { cache, evicted } = newCache(5_000);
    for (let n = 0; n < 5_010; n += 1) filled(cache).flags |= referenced;
    expect(cache.size).toBe(5_000);
    expect(evicted).toHaveLength(10);
  });

  test('drops what has expired, and lets it be read again', async () => {
    const { cache } = newCache();
    const record = newRecord();
    const expired = filled(cache, record, 'token-number-1');
    const kept = filled(cache, newRecord({ lastSeenAtMs: 4_000 }));
    expect(await cache.dropExpired(4_000, 3_000)).toBe(1);
    expect(cache.byToken('token-number-1')).toBeUndefined();
    expect(cache.byKey(kept.key)).toBe(kept);
    expect(filled(cache, record)).not.toBe(expired);
  });

  test('drops all that expired of many, letting others in meanwhile', async () => {
    const { cache } = newCache(10_000);
    for (let n = 0; n < 6_000; n += 1) filled(cache);
    expect(await cache.dropExpired(10_000, 3_000)).toBe(6_000);
    expect(cache.size).toBe(0);
  });
});
