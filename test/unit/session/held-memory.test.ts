import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { SessionCache } from '../../../src/session/session-cache.ts';
import { createSessionId, sessionKeyOf } from '../../../src/session/session.ts';
import { principalNamed } from '../../support/session-parts.ts';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

function heapAfterCollection(): number {
  if (typeof collect !== 'function') throw new Error('no gc');
  for (let times = 0; times < 3; times += 1) collect();
  return process.memoryUsage().heapUsed;
}

test('a session in the cache holds on to neither the head that its token was cut from nor the parts of its fields', () => {
  const sessions = 2_000;
  const headBytes = 16_384;
  const cache = new SessionCache({ entriesMax: sessions, onEvicted: () => {} });
  const before = heapAfterCollection();
  for (let index = 0; index < sessions; index += 1) {
    // As a request head comes out of a buffer, and a token out of the head.
    const head = `GET / HTTP/1.1\r\nCookie: a=${randomBytes(80).toString('base64url')}; b=${'x'.repeat(headBytes)}`;
    const whole = Buffer.from(head).toString('latin1');
    const id = createSessionId();
    const stored = {
      key: sessionKeyOf(id),
      principal: principalNamed('user1'),
      actor: null,
      createdAtMs: 1_000,
      absoluteDeadlineMs: 100_000,
      lastSeenAtMs: 1_000,
      version: 1,
    };
    const fill = cache.fill(cache.ticket(), id, stored, () => `X-UserInfo: ${whole.slice(26, 60)}`);
    if (fill.kind === 'filled') cache.bind(fill.entry, whole.slice(26, 132));
  }
  expect(cache.size).toBe(sessions);
  // All heads would be 32 MB.
  expect(heapAfterCollection() - before).toBeLessThan(sessions * 2_000);
});
