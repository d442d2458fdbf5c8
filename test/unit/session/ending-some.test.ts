import { describe, expect, it } from 'vitest';
import { MemorySessionStore } from '../../../src/session/memory-session-store.ts';
import { Sessions } from '../../../src/session/sessions.ts';
import type { SessionStore } from '../../../src/session/session-store.ts';
import { KeyRing } from '../../../src/tokens/key-ring.ts';
import { SessionTokens } from '../../../src/tokens/session-token.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { principalNamed, sessionsConfigOf } from '../../support/session-parts.ts';

const ann = principalNamed('ann');
const clock = new ManualClock();

function sessionsOn(store: SessionStore): Sessions {
  const tokens = new SessionTokens(new KeyRing({ keys: [] }));
  return new Sessions({ config: sessionsConfigOf(), store, tokens, clock, describe: () => '' });
}

async function opened(
  sessions: Sessions,
  subject: string,
): Promise<{ token: string; handle: string }> {
  const opening = await sessions.open(principalNamed(subject), null);
  if (opening.kind !== 'opened') throw new Error(opening.reason);
  return { token: opening.token, handle: opening.live.session.handle };
}

describe('ending some sessions of a user', () => {
  it('ends those that are meant, at once, and nobody else has any', async () => {
    const sessions = sessionsOn(new MemorySessionStore(sessionsConfigOf(), clock));
    const [own, other, third] = [
      await opened(sessions, 'ann'),
      await opened(sessions, 'ann'),
      await opened(sessions, 'bob'),
    ];
    const ending = sessions.endSome('main', 'ann', (handle) => handle !== own.handle);
    expect(await ending).toMatchObject({ kind: 'ended', count: 1 });
    expect(await sessions.resolve(other.token)).toEqual({ kind: 'none', reason: 'revoked' });
    expect(sessions.peek(own.token, clock.now())).toBeDefined();
    expect(
      await sessions.endSome('main', 'ann', (handle) => handle === third.handle),
    ).toMatchObject({ kind: 'ended', count: 0 });
    expect(sessions.peek(third.token, clock.now())).toBeDefined();
  });

  it('with the impersonations that were opened from them', async () => {
    const sessions = sessionsOn(new MemorySessionStore(sessionsConfigOf(), clock));
    const opening = await sessions.open(ann, null);
    if (opening.kind !== 'opened') throw new Error('no session');
    const actor = { subject: 'ann', directory: 'main', sessionId: opening.live.session.id };
    const acting = await sessions.open(principalNamed('bob'), actor);
    if (acting.kind !== 'opened') throw new Error('no impersonation');
    expect(await sessions.endSome('main', 'ann', () => true)).toMatchObject({
      kind: 'ended',
      count: 2,
    });
    expect(sessions.peek(acting.token, clock.now())).toBeUndefined();
  });

  it('that the store cannot confirm are refused here all the same, and it is told again', async () => {
    const store = new MemorySessionStore(sessionsConfigOf(), clock);
    const revoke = store.revoke.bind(store);
    let isOut = true;
    store.revoke = async (keys) =>
      isOut ? { kind: 'unavailable', reason: 'silent' } : revoke(keys);
    const sessions = sessionsOn(store);
    const own = await opened(sessions, 'ann');
    expect(await sessions.endSome('main', 'ann', () => true)).toEqual({ kind: 'unavailable' });
    expect(sessions.peek(own.token, clock.now())).toBeUndefined();
    isOut = false;
    await sessions.flush();
    expect(await store.count()).toEqual({ kind: 'counted', count: 0 });
    await sessions.stop();
  });
});
