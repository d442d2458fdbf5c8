import { describe, expect, it } from 'vitest';
import { cleared, room, user1, valueOf } from './endpoint-fakes.ts';

const page = { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'same-origin' };

describe('a logout', () => {
  it.each(['GET', 'POST'])('ends this session only, and clears the cookie: %s', async (method) => {
    const { ask, enter, sessions } = room('tyke');
    const mine = await enter(user1);
    await enter(user1);
    const reply = await ask('logout', { method, ...mine });
    expect(reply).toMatchObject({ status: 200, body: 'Goodbye.' });
    expect(valueOf(reply, 'Set-Cookie')).toBe(cleared);
    expect(valueOf(reply, 'X-UserInfo')).toBe('user1:physician:group1,group2');
    expect([...sessions.live.keys()]).toEqual(['t2']);
  });

  it('is a page for somebody who looks', async () => {
    const { ask, enter } = room('modern');
    const reply = await ask('logout', { ...(await enter(user1)), fields: page });
    expect(reply.status).toBe(200);
    expect(reply.body).toContain('You are logged out');
    expect(valueOf(reply, 'Set-Cookie')).toBe(cleared);
    expect(valueOf(reply, 'X-UserInfo')).toBeUndefined();
  });

  it.each(['cross-site', 'same-site'])(
    'by a link from another site has to be confirmed: %s',
    async (site) => {
      for (const mode of ['tyke', 'modern'] as const) {
        const { ask, enter, sessions } = room(mode);
        const fields = { ...page, 'sec-fetch-site': site };
        const reply = await ask('logout', { ...(await enter(user1)), fields });
        expect(reply.status).toBe(200);
        expect(reply.body).toContain('<form method="post">');
        expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
        expect(sessions.live.size).toBe(1);
      }
    },
  );

  it('by a form of another site is refused', async () => {
    const { ask, enter, sessions } = room('modern');
    const mine = await enter(user1);
    for (const fields of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      expect((await ask('logout', { method: 'POST', ...mine, fields })).status).toBe(403);
    }
    expect(sessions.live.size).toBe(1);
  });

  it.each([
    { 'sec-purpose': 'prefetch;prerender' },
    { purpose: 'prefetch' },
    { 'x-moz': 'prefetch' },
    { 'x-purpose': 'preview' },
  ])('does nothing for a look ahead: %j', async (fields) => {
    const { ask, enter, sessions } = room('modern');
    const reply = await ask('logout', { ...(await enter(user1)), fields });
    expect(reply.status).toBe(403);
    expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
    expect(sessions.live.size).toBe(1);
  });

  it('does nothing for HEAD', async () => {
    const { ask, enter, sessions } = room('tyke');
    const reply = await ask('logout', { method: 'HEAD', ...(await enter(user1)) });
    expect(reply.status).toBe(200);
    expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
    expect(sessions.live.size).toBe(1);
  });

  it.each(['PUT', 'DELETE', 'OPTIONS'])('knows no other method: %s', async (method) => {
    const { ask, enter, sessions } = room('modern');
    expect((await ask('logout', { method, ...(await enter(user1)) })).status).toBe(404);
    expect(sessions.live.size).toBe(1);
  });

  it('leaves the cookie alone while the store is out', async () => {
    const { ask, enter, sessions } = room('tyke');
    const mine = await enter(user1);
    sessions.isOut = true;
    const reply = await ask('logout', mine);
    expect(reply.status).toBe(503);
    expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
  });
});
