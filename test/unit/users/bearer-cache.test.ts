import { describe, expect, it } from 'vitest';
import { BearerCache } from '../../../src/users/bearer-cache.ts';
import type { TokenVerdict } from '../../../src/users/token-directory.ts';
import { rejected, unavailable } from '../../../src/users/verdict.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function scene(entriesMax = 10) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const answers = new Map<string, () => TokenVerdict>();
  const cache = new BearerCache({
    directories: {
      async authenticateToken(token) {
        asked.push(token);
        return answers.get(token)?.() ?? rejected;
      },
    },
    entriesMax,
    describe: ({ subject }) => (subject === 'unspeakable' ? null : `X-UserInfo: ${subject}\r\n`),
    clock,
  });
  const vouch = (token: string, goodForMs: number, subject = token): void => {
    const principal = { subject, directory: 'd', role: 'nobody', groups: [], attributes: {} };
    answers.set(token, () => ({
      kind: 'accepted',
      principal,
      goodUntilMs: clock.now() + goodForMs,
      endsAtMs: clock.now() + goodForMs,
    }));
  };
  return { clock, asked, answers, cache, vouch };
}

describe('a bearer token', () => {
  it('is asked about once, by many at once too, and then taken at sight', async () => {
    const { asked, cache, clock, vouch } = scene();
    vouch('a', 1000);
    expect(cache.peek('a', clock.now())).toBeUndefined();
    await Promise.all([cache.resolve('a'), cache.resolve('a')]);
    expect(asked).toEqual(['a']);
    expect(cache.peek('a', clock.now())).toMatchObject({ identityFields: 'X-UserInfo: a\r\n' });
    clock.advance(999);
    expect(cache.peek('a', clock.now())).toBeDefined();
  });

  it('is not taken at sight from the moment on at which it ends', async () => {
    const { cache, clock, vouch } = scene();
    vouch('a', 1000);
    await cache.resolve('a');
    clock.advance(1000);
    expect(cache.peek('a', clock.now())).toBeUndefined();
  });

  it('that has just ended is good for one request, and not remembered', async () => {
    const { cache, clock, vouch } = scene();
    vouch('a', -5000);
    expect(await cache.resolve('a')).toMatchObject({ kind: 'valid' });
    expect(cache.peek('a', clock.now())).toBeUndefined();
  });

  it('that is refused, or cannot be judged, is asked about each time', async () => {
    const { answers, asked, cache } = scene();
    expect(await cache.resolve('a')).toEqual({ kind: 'none' });
    answers.set('a', () => unavailable);
    expect(await cache.resolve('a')).toEqual({ kind: 'unavailable' });
    expect(asked).toEqual(['a', 'a']);
  });

  it('of somebody whom upstreams cannot be told about lets nobody in', async () => {
    const { cache, vouch } = scene();
    vouch('a', 1000, 'unspeakable');
    expect(await cache.resolve('a')).toEqual({ kind: 'none' });
  });

  it('makes room for the next one when there is none', async () => {
    const { cache, clock, vouch } = scene(2);
    for (const token of ['a', 'b', 'c']) {
      vouch(token, 1000);
      await cache.resolve(token);
    }
    const known = ['a', 'b', 'c'].filter((token) => cache.peek(token, clock.now()) !== undefined);
    expect(known).toEqual(['b', 'c']);
  });
});
