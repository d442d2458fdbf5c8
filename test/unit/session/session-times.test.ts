import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SessionTimes } from '../../../src/session/session-times.ts';

const day = 86_400_000;
const times = fc.record({
  createdAtMs: fc.integer({ min: 0, max: Date.UTC(2080, 0) }),
  lifetimeMs: fc.integer({ min: 1_000, max: 400 * day }),
  seenAfterMs: fc.nat(400 * day),
});

test('session times give back every instant to the millisecond', () => {
  fc.assert(
    fc.property(times, ({ createdAtMs, lifetimeMs, seenAfterMs }) => {
      const session = new SessionTimes(createdAtMs, createdAtMs + lifetimeMs, createdAtMs);
      expect(session.createdAtMs).toBe(createdAtMs);
      expect(session.absoluteDeadlineMs).toBe(createdAtMs + lifetimeMs);
      expect(session.lastSeenAtMs).toBe(createdAtMs);
      session.see(createdAtMs + seenAfterMs);
      expect(session.lastSeenAtMs).toBe(createdAtMs + seenAfterMs);
      session.see(createdAtMs + seenAfterMs - 1);
      expect(session.lastSeenAtMs).toBe(createdAtMs + seenAfterMs);
      session.lastSeenAtMs = createdAtMs;
      expect(session.lastSeenAtMs).toBe(createdAtMs);
    }),
  );
});

test('a session expires at its deadline or when it was idle for so long, and not before', () => {
  const idleMs = fc.integer({ min: 1_000, max: 30 * day });
  fc.assert(
    fc.property(times, idleMs, ({ createdAtMs, lifetimeMs, seenAfterMs }, idleTimeoutMs) => {
      const session = new SessionTimes(createdAtMs, createdAtMs + lifetimeMs, createdAtMs);
      session.see(createdAtMs + seenAfterMs);
      const endsAtMs = createdAtMs + Math.min(lifetimeMs, seenAfterMs + idleTimeoutMs);
      expect(session.hasExpired(endsAtMs - 1, idleTimeoutMs)).toBe(false);
      expect(session.hasExpired(endsAtMs, idleTimeoutMs)).toBe(true);
      expect(session.isOver(createdAtMs + lifetimeMs - 1)).toBe(false);
      expect(session.isOver(createdAtMs + lifetimeMs)).toBe(true);
      expect(session.seeUnlessExpired(endsAtMs, idleTimeoutMs)).toBe(false);
      expect(session.lastSeenAtMs).toBe(createdAtMs + seenAfterMs);
      expect(session.seeUnlessExpired(endsAtMs - 1, idleTimeoutMs)).toBe(true);
      expect(session.lastSeenAtMs).toBe(Math.max(createdAtMs + seenAfterMs, endsAtMs - 1));
    }),
  );
});
