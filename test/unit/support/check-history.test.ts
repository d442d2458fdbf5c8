import { describe, expect, test } from 'vitest';
import { checkHistory } from '../../support/coherence/check-history.ts';
import type { Decision, HistoryEvent } from '../../support/coherence/history.ts';

const terms = { boundMs: 1_000, healMs: 300, sessionMs: 60_000 };

function decided(verdict: Decision['verdict'], startedAt: number, decidedAt = startedAt): Decision {
  return {
    kind: 'decision',
    worker: 'w',
    session: 's',
    startedAt,
    decidedAt,
    source: 'copy',
    verdict,
  };
}

const opened: HistoryEvent = { kind: 'opened', session: 's', user: 'u', at: 0 };
const attempt: HistoryEvent = { kind: 'attempt', sessions: ['s'], user: null, at: 100 };
const reply: HistoryEvent = { kind: 'reply', sessions: ['s'], at: 110 };
const answer: HistoryEvent = { kind: 'answer', sessions: ['s'], at: 120 };
const ended = [opened, attempt, reply, answer];

function rulesOf(...events: readonly HistoryEvent[]): string[] {
  return checkHistory(events, terms).violations.map(({ rule }) => rule);
}

describe('the checker of histories', () => {
  test('has nothing to say of a session that lives, or is refused once it has ended', () => {
    expect(rulesOf(opened, decided('accepted', 10), decided('accepted', 50_000))).toEqual([]);
    expect(rulesOf(...ended, decided('accepted', 10), decided('refused', 130))).toEqual([]);
  });

  test('finds what was accepted for a request that began after the answer, whoever wrote first', () => {
    expect(rulesOf(...ended, decided('accepted', 121))).toEqual(['accepted after the answer']);
    expect(rulesOf(decided('accepted', 121), ...ended.toReversed())).toEqual([
      'accepted after the answer',
    ]);
  });

  test('lets a request be accepted that began before the answer, within the bound', () => {
    expect(rulesOf(...ended, decided('accepted', 119, 600))).toEqual([]);
    expect(rulesOf(...ended, decided('accepted', 119, 1_109))).toEqual([]);
  });

  test('finds what was accepted the bound after the reply of the store, or later', () => {
    expect(rulesOf(...ended, decided('accepted', 119, 1_110))).toEqual([
      'accepted after the bound',
    ]);
    const anew = { ...decided('accepted', 0, 1_110), startedAt: null };
    expect(rulesOf(...ended, anew)).toEqual(['accepted after the bound']);
  });

  test('holds the bound also where nobody was answered', () => {
    expect(rulesOf(opened, attempt, reply, decided('accepted', 1_000))).toEqual([]);
    expect(rulesOf(opened, attempt, reply, decided('accepted', 1_110))).toEqual([
      'accepted after the bound',
    ]);
  });

  test('claims nothing of a revocation whose outcome nobody knows', () => {
    expect(rulesOf(opened, attempt, decided('accepted', 5_000), decided('refused', 5_001))).toEqual(
      [],
    );
  });

  test('finds a refusal of a session whose end nobody had wanted by then', () => {
    expect(rulesOf(opened, decided('refused', 10))).toEqual(['refused']);
    expect(rulesOf(opened, attempt, decided('refused', 99))).toEqual(['refused']);
    expect(rulesOf(opened, attempt, decided('refused', 101))).toEqual([]);
  });

  test('knows that a session may end with its user, or with another one', () => {
    const user: HistoryEvent = { kind: 'attempt', sessions: [], user: 'u', at: 100 };
    expect(rulesOf(opened, user, decided('refused', 101))).toEqual([]);
    const other: HistoryEvent = { ...user, user: 'v' };
    expect(rulesOf(opened, other, decided('refused', 101))).toEqual(['refused']);
    expect(rulesOf(opened, reply, decided('refused', 101))).toEqual([]);
  });

  test('knows when a session ends by itself', () => {
    expect(rulesOf(opened, decided('refused', 59_999))).toEqual(['refused']);
    expect(rulesOf(opened, decided('refused', 60_000))).toEqual([]);
  });

  test('finds a 503 while the store was there', () => {
    const outage: HistoryEvent = { kind: 'outage', what: 'stop', from: 1_000, to: 2_000 };
    expect(rulesOf(outage, decided('unavailable', 500))).toEqual(['unavailable']);
    expect(rulesOf(outage, decided('unavailable', 900, 1_100))).toEqual([]);
    expect(rulesOf(outage, decided('unavailable', 2_300))).toEqual([]);
    expect(rulesOf(outage, decided('unavailable', 2_301))).toEqual(['unavailable']);
  });

  test('counts what it has seen: one that saw nothing has shown nothing', () => {
    const events = [...ended, decided('accepted', 1), decided('refused', 200)];
    expect(checkHistory(events, terms)).toMatchObject({
      accepted: 1,
      refused: 1,
      unavailable: 0,
      answered: 1,
    });
  });
});
