import { describe, expect, it } from 'vitest';
import { LiveStreams, type LiveStream } from '../../../src/gateway/live-streams.ts';
import type { LiveSession } from '../../../src/session/live-session.ts';
import type { Resolution } from '../../../src/session/resolution.ts';
import { sessionKeyOf, type Session } from '../../../src/session/session.ts';
import type { CutReason } from '../../../src/wire/cut-reason.ts';
import { TurnEnd } from '../../../src/wire/turn-end.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function liveOf(id: string, actorId?: string): LiveSession {
  const actor =
    actorId === undefined
      ? null
      : { subject: 'staff', directory: 'demo', sessionKey: sessionKeyOf(actorId) };
  const session: Session = {
    id,
    handle: id,
    principal: { subject: 'user1', directory: 'demo', role: '', groups: [], attributes: {} },
    actor,
    createdAtMs: 0,
    absoluteDeadlineMs: 0,
    lastSeenAtMs: 0,
    version: 1,
  };
  return { session, identityFields: '', lastTouchedAtMs: 0 };
}

function scene() {
  const clock = new ManualClock();
  const over = new Set<LiveSession>();
  let unknownForMs = 0;
  let answer: Resolution = { kind: 'none', reason: 'expired' };
  const streams = new LiveStreams(
    {
      holds: (live) => !over.has(live),
      review: () => Promise.resolve(answer),
      unknownForMs: () => unknownForMs,
    },
    clock,
    5_000,
  );
  const open = (
    live: LiveSession | null,
    isUpgrade: boolean,
    ageMaxMs = 0,
    id = 'edge/0',
    bearer: LiveStream['bearer'] = null,
  ) => {
    const cuts: CutReason[] = [];
    const stream: LiveStream = {
      live,
      bearer,
      isUpgrade,
      route: { config: { id } },
      startedAtMs: clock.monotonic(),
      ...{ ageMaxMs: 0, isYoung: false, older: null, newer: null },
      cut: (reason) => {
        cuts.push(reason);
        streams.leave(stream, `cut:${reason}`, 101);
      },
    };
    streams.enter(stream, ageMaxMs);
    return { stream, cuts };
  };
  return {
    clock,
    over,
    streams,
    open,
    outage: (ms: number) => {
      unknownForMs = ms;
    },
    says: (next: Resolution) => {
      answer = next;
    },
  };
}

describe('live streams', () => {
  it('has a WebSocket from the turn of its decision on, other exchanges after ten seconds', () => {
    const { clock, open, streams } = scene();
    open(liveOf('a'), true);
    open(liveOf('a'), false);
    expect(streams.active).toBe(1);
    clock.advance(9_999);
    streams.sweep();
    expect(streams.active).toBe(1);
    clock.advance(1);
    streams.sweep();
    expect(streams.active).toBe(2);
  });

  it('cuts the streams of a revoked session and of impersonations from it, and no others', () => {
    const { open, streams } = scene();
    const own = open(liveOf('a'), true);
    const acted = open(liveOf('b', 'a'), true);
    const other = open(liveOf('c'), true);
    streams.revoked([sessionKeyOf('a')]);
    expect([own.cuts, acted.cuts, other.cuts]).toEqual([['revoked'], ['revoked'], []]);
    expect(streams.closed.revoked).toBe(2);
    expect(streams.active).toBe(1);
  });

  it('cuts what a token opened when the token ends, WebSockets and what has become a stream', () => {
    const { clock, open, streams } = scene();
    const endsAtMs = clock.now() + 4_000;
    const socket = open(null, true, 0, 'edge/0', { endsAtMs });
    const events = open(null, false, 0, 'edge/0', { endsAtMs });
    const nobodys = open(null, true);
    clock.advance(3_999);
    streams.sweep();
    expect([...socket.cuts, ...events.cuts]).toEqual([]);
    clock.advance(1);
    streams.sweep();
    expect(socket.cuts).toEqual(['expired']);
    clock.advance(6_000);
    streams.sweep();
    expect(events.cuts).toEqual(['expired']);
    expect(nobodys.cuts).toEqual([]);
    expect(streams.closed.expired).toBe(2);
  });

  it('looks at the session of an exchange when it becomes a stream', async () => {
    const { clock, open, over, streams } = scene();
    const live = liveOf('a');
    const { cuts } = open(live, false);
    over.add(live);
    clock.advance(10_000);
    streams.sweep();
    await Promise.resolve();
    expect(cuts).toEqual(['expired']);
  });

  it('goes on with a newer copy of the session, and through an outage of the store', async () => {
    const { open, over, says, streams } = scene();
    const live = liveOf('a');
    const { cuts } = open(live, true);
    over.add(live);
    says({ kind: 'unavailable' });
    streams.sweep();
    await Promise.resolve();
    says({ kind: 'valid', live: liveOf('a') });
    streams.sweep();
    await Promise.resolve();
    says({ kind: 'none', reason: 'expired' });
    streams.sweep();
    await Promise.resolve();
    expect(cuts).toEqual([]);
  });

  it('cuts what is too old, whoever it is', () => {
    const { clock, open, streams } = scene();
    const { cuts } = open(null, true, 60_000);
    clock.advance(59_999);
    streams.sweep();
    expect(cuts).toEqual([]);
    clock.advance(1);
    streams.sweep();
    expect(cuts).toEqual(['age']);
  });

  it('counts no handshake that came to nothing, and forgets everything that ended', () => {
    const { open, streams } = scene();
    const failed = open(liveOf('a'), true);
    const short = open(liveOf('a'), false);
    streams.leave(failed.stream, 'ok', 404);
    streams.leave(short.stream, 'ok', 200);
    expect(streams.active).toBe(0);
    expect(Object.values(streams.closed).every((count) => count === 0)).toBe(true);
    streams.revoked([sessionKeyOf('a')]);
    expect(failed.cuts).toEqual([]);
  });
});

describe('a live stream while the store cannot be asked', () => {
  it('goes on for the grace, and is cut then', async () => {
    const { clock, open, outage, over, says, streams } = scene();
    const live = liveOf('1');
    const { cuts } = open(live, true);
    over.add(live);
    says({ kind: 'unavailable' });
    outage(4_999);
    streams.sweep();
    await Promise.resolve();
    expect(cuts).toEqual([]);
    clock.advance(1_000);
    outage(5_000);
    streams.sweep();
    await Promise.resolve();
    expect(cuts).toEqual(['unconfirmed']);
    expect(streams.closed.unconfirmed).toBe(1);
  });

  it('goes on where the store has vouched for it', async () => {
    const { open, outage, over, says, streams } = scene();
    const live = liveOf('1');
    const { cuts } = open(live, true);
    over.add(live);
    says({ kind: 'valid', live: liveOf('1') });
    outage(60_000);
    streams.sweep();
    await Promise.resolve();
    expect(cuts).toEqual([]);
  });
});

describe('streams by session', () => {
  it('are counted for the session that opened them, and not for whoever acts', () => {
    const { open, streams } = scene();
    open(liveOf('a'), true);
    open(liveOf('a'), true);
    open(liveOf('b', 'staff'), true);
    open(null, true);
    expect(Object.fromEntries(streams.bySession(10))).toEqual({
      [sessionKeyOf('a')]: 2,
      [sessionKeyOf('b')]: 1,
    });
    expect(Object.fromEntries(streams.bySession(1))).toEqual({ [sessionKeyOf('a')]: 2 });
  });
});

describe('the end of sessions', () => {
  it.each([
    ['of some', (streams: LiveStreams) => streams.revoked(['key'])],
    ['of everybody', (streams: LiveStreams) => streams.everybodyRevoked()],
  ])('%s comes behind all that was judged before and waits to leave', (_whose, end) => {
    const usual = TurnEnd.shared;
    TurnEnd.shared = new TurnEnd(0);
    try {
      let hasLeft = false;
      const send = (): void => {
        hasLeft = true;
      };
      expect([TurnEnd.shared.takes({ send }), hasLeft]).toEqual([true, false]);
      end(scene().streams);
      expect(hasLeft).toBe(true);
    } finally {
      TurnEnd.shared = usual;
    }
  });
});
