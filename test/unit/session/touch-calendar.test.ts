import { describe, expect, test } from 'vitest';
import { CachedSession, dropped, ended } from '../../../src/session/cached-session.ts';
import { createSessionId, sessionKeyOf } from '../../../src/session/session.ts';
import type { SessionTouch, TouchAnswer } from '../../../src/session/session-store.ts';
import { TouchCalendar } from '../../../src/session/touch-calendar.ts';
import type { TouchCalendarParts } from '../../../src/session/touch-calendar.ts';
import { principalNamed } from '../../support/session-parts.ts';

const intervalMs = 1_000;

function newEntry(seenAtMs = 0): CachedSession {
  const id = createSessionId();
  return new CachedSession(id, {
    key: sessionKeyOf(id),
    principal: principalNamed('user1'),
    actor: null,
    createdAtMs: 0,
    absoluteDeadlineMs: 1_000_000,
    lastSeenAtMs: seenAtMs,
    version: 1,
  });
}

interface Desk {
  readonly calendar: TouchCalendar;
  /** Each batch as it was written. */
  readonly batches: (readonly SessionTouch[])[];
  readonly gone: string[];
  readonly revoked: string[];
  answer: TouchAnswer;
}

function newDesk(): Desk {
  const batches: (readonly SessionTouch[])[] = [];
  const gone: string[] = [];
  const revoked: string[] = [];
  const store = {
    touch: (touches: readonly SessionTouch[]) => {
      batches.push(touches);
      return Promise.resolve(desk.answer);
    },
  };
  const parts: TouchCalendarParts = {
    store,
    touchIntervalMs: intervalMs,
    onGone: (key) => gone.push(key),
    onRevoked: (keys) => revoked.push(...keys),
  };
  const desk: Desk = {
    calendar: new TouchCalendar(parts),
    batches,
    gone,
    revoked,
    answer: { kind: 'touched', gone: [], revoked: [] },
  };
  return desk;
}

describe('the touch calendar', () => {
  test('writes the last time that a session was seen before it fell silent', async () => {
    const { batches, calendar } = newDesk();
    const entry = newEntry();
    calendar.schedule(entry, 0, 0);
    entry.see(600);
    await calendar.flush(999);
    expect(batches).toEqual([]);
    await calendar.flush(1_000);
    expect(batches).toEqual([[{ key: entry.key, lastSeenAtMs: 600 }]]);
    await calendar.flush(60_000);
    expect(batches).toHaveLength(1);
  });

  test('writes nothing for a session that was not seen again', async () => {
    const { batches, calendar } = newDesk();
    calendar.schedule(newEntry(), 0, 0);
    await calendar.flush(60_000);
    expect(batches).toEqual([]);
  });

  test('writes a busy session once per interval', async () => {
    const { batches, calendar } = newDesk();
    const entry = newEntry();
    calendar.schedule(entry, 0, 0);
    for (let ms = 10; ms <= 10_000; ms += 10) {
      entry.see(ms);
      calendar.see(entry);
      await calendar.flush(ms);
    }
    const times = batches.map(([touch]) => touch?.lastSeenAtMs ?? 0);
    expect(times).toHaveLength(10);
    times.slice(1).forEach((ms, n) => expect(ms - (times[n] ?? 0)).toBeGreaterThanOrEqual(1_000));
  });

  test('writes with the next flush what was silent for long and is seen again', async () => {
    const { batches, calendar } = newDesk();
    const entry = newEntry();
    calendar.schedule(entry, 0, 0);
    await calendar.flush(5_000);
    entry.see(7_000);
    calendar.see(entry);
    expect(calendar.isBehind).toBe(true);
    await calendar.flush(7_001);
    expect(calendar.isBehind).toBe(false);
    expect(batches).toEqual([[{ key: entry.key, lastSeenAtMs: 7_000 }]]);
  });

  test('writes at once what is due when it is read', async () => {
    const { batches, calendar } = newDesk();
    const entry = newEntry();
    calendar.schedule(entry, 0, 2_900);
    entry.see(2_900);
    await calendar.flush(2_900);
    expect(batches).toEqual([[{ key: entry.key, lastSeenAtMs: 2_900 }]]);
  });

  test('writes a session that leaves the cache, and does not follow it any further', async () => {
    const { batches, calendar } = newDesk();
    const entry = newEntry();
    calendar.schedule(entry, 0, 0);
    entry.see(100);
    entry.flags |= dropped;
    calendar.hurry(entry);
    await calendar.flush(200);
    expect(batches).toEqual([[{ key: entry.key, lastSeenAtMs: 100 }]]);
    entry.see(900);
    await calendar.flush(60_000);
    await calendar.flush(120_000);
    expect(batches.length).toBeLessThanOrEqual(2);
  });

  test('says nothing of a session that has ended', async () => {
    const { batches, calendar } = newDesk();
    const entry = newEntry();
    calendar.schedule(entry, 0, 0);
    entry.see(100);
    entry.flags |= ended;
    calendar.hurry(entry);
    await calendar.flush(60_000);
    expect(batches).toEqual([]);
  });

  test('writes everything when it is asked to, due or not', async () => {
    const { batches, calendar } = newDesk();
    const entry = newEntry();
    calendar.schedule(entry, 0, 0);
    entry.see(5);
    await calendar.flush(10, true);
    expect(batches).toEqual([[{ key: entry.key, lastSeenAtMs: 5 }]]);
  });

  test('tries again what the store did not hear', async () => {
    const desk = newDesk();
    const entry = newEntry();
    desk.calendar.schedule(entry, 0, 0);
    entry.see(500);
    desk.answer = { kind: 'unavailable', reason: 'silent' };
    await desk.calendar.flush(1_000);
    expect(desk.calendar.isBehind).toBe(true);
    desk.answer = { kind: 'touched', gone: [], revoked: [] };
    entry.see(1_100);
    await desk.calendar.flush(1_200);
    expect(desk.batches.at(-1)).toEqual([{ key: entry.key, lastSeenAtMs: 1_100 }]);
    expect(desk.calendar.isBehind).toBe(false);
  });

  test('passes on what the store no longer has', async () => {
    const desk = newDesk();
    const entries = [newEntry(), newEntry()];
    for (const entry of entries) desk.calendar.see(entry);
    const [gone = '', revoked = ''] = entries.map(({ key }) => key);
    desk.answer = { kind: 'touched', gone: [gone], revoked: [revoked] };
    await desk.calendar.flush(0);
    expect(desk).toMatchObject({ gone: [gone], revoked: [revoked] });
  });

  test('writes many in batches of a thousand', async () => {
    const { batches, calendar } = newDesk();
    for (let n = 0; n < 2_500; n += 1) calendar.see(newEntry());
    await calendar.flush(0);
    expect(batches.map((batch) => batch.length)).toEqual([1_000, 1_000, 500]);
  });
});
