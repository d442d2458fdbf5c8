import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { Exchange } from '../../../src/gateway/exchange.ts';
import { RecentRequests } from '../../../src/gateway/recent-requests.ts';

/** As far as anything of it is remembered. */
const exchange = (requestId: string, text: string): Exchange =>
  ({
    requestId,
    head: { fields: { text } },
    lane: { peer: { listener: 'edge', address: '127.0.0.9' } },
  }) as unknown as Exchange; // the rest is not looked at

it('the last requests are remembered by their ids, as many as there is room for', () => {
  const recent = new RecentRequests(3);
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    recent.note(exchange(id, `GET /${id} HTTP/1.1\r\nHost: a\r\n\r\nbody`), 'ok', 200);
  }
  expect(['a', 'b', 'c', 'd', 'e'].map((id) => recent.find(id)?.requestId ?? null)).toEqual([
    ...[null, null, 'c', 'd', 'e'],
  ]);
  expect(recent.find('d')).toEqual({
    requestId: 'd',
    listener: 'edge',
    from: '127.0.0.9',
    head: 'GET /d HTTP/1.1\r\nHost: a\r\n\r\n',
    status: 200,
    outcome: 'ok',
  });
});

it('nothing that came with a head is kept, not even as the parent of a slice', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // what the flag makes
  const recent = new RecentRequests(64);
  const heapBytes = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = heapBytes();
  for (let index = 0; index < 64; index++) {
    const body = Buffer.alloc(1_000_000, 97 + (index % 26)).toString('latin1');
    const text = Buffer.from(`POST /auth/login HTTP/1.1\r\nHost: a\r\n\r\n${body}`, 'latin1');
    recent.note(exchange(String(index), text.toString('latin1')), 'ok', 200);
  }
  // Strings of that size are on the heap of V8 or beside it; both are looked at.
  expect(heapBytes() - before).toBeLessThan(16_000_000);
  expect(recent.find('63')?.head).toBe('POST /auth/login HTTP/1.1\r\nHost: a\r\n\r\n');
});
