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
