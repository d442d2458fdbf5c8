import { describe, expect, it } from 'vitest';
import { admin, liveOf, person, room, user1, user2, valueOf } from './endpoint-fakes.ts';

describe('the own session', () => {
  it('is told in the four fields of Tyke, with the time of the login', async () => {
    const { ask } = room('tyke');
    const reply = await ask('session', { live: liveOf(user1, 's1') });
    expect(JSON.parse(String(reply.body))).toEqual({
      session: 'handle-s1',
      username: 'user1',
      role: 'physician',
      timestamp: '2026-01-02T03:04:05.006Z',
    });
    expect(valueOf(reply, 'Content-Type')).toBe('application/json');
    expect(valueOf(reply, 'Cache-Control')).toBe('no-store');
    expect(valueOf(reply, 'X-UserInfo')).toBe('user1:physician:group1,group2');
  });

  it('is told with groups and end under modern, and never with its id', async () => {
    const reply = await room('modern').ask('session', { live: liveOf(user1, 'secret-id') });
    expect(JSON.parse(String(reply.body))).toEqual({
      session: 'handle-secret-id',
      username: 'user1',
      role: 'physician',
      groups: ['group1', 'group2'],
      timestamp: '2026-01-02T03:04:05.006Z',
      expires: '2026-01-02T03:35:05.006Z',
    });
  });

  it('ends at its absolute deadline at the latest', async () => {
    const live = liveOf(user1, 's1');
    live.session.lastSeenAtMs = live.session.absoluteDeadlineMs - 1;
    const reply = await room('modern').ask('session', { live });
    expect(JSON.parse(String(reply.body))).toMatchObject({ expires: '2026-01-02T15:04:05.006Z' });
  });

  it('says who stands behind an impersonation', async () => {
    const actor = { subject: 'admin', directory: 'users', sessionId: 'a' };
    const reply = await room('modern').ask('session', { live: liveOf(user1, 's1', actor) });
    expect(JSON.parse(String(reply.body))).toMatchObject({ username: 'user1', actor: 'admin' });
  });

  it('answers HEAD like GET, and other methods not at all', async () => {
    const { ask } = room('modern');
    const live = liveOf(user1, 's1');
    expect(await ask('session', { live, method: 'HEAD' })).toEqual(await ask('session', { live }));
    expect((await ask('session', { live, method: 'POST' })).status).toBe(404);
  });
});

describe('a validation', () => {
  it.each(['GET', 'POST', 'HEAD', 'OPTIONS', 'PROPFIND'])(
    'says yes to any method: %s',
    async (method) => {
      const reply = await room('tyke').ask('validate', { live: liveOf(user1, 's1'), method });
      expect(reply).toMatchObject({ status: 200, body: 'you good' });
      expect(valueOf(reply, 'X-UserInfo')).toBe('user1:physician:group1,group2');
      expect(valueOf(reply, 'Cache-Control')).toBe('no-store');
    },
  );

  it('ends the identity in a colon where there are no groups', async () => {
    const reply = await room('tyke').ask('validate', { live: liveOf(user2, 's1') });
    expect(valueOf(reply, 'X-UserInfo')).toBe('user2:patient:');
  });

  it('has no body under modern, and the identity under the configured name', async () => {
    const identity = { field: 'X-Me', format: 'json', bytesMax: 4096 } as const;
    const reply = await room('modern', { identity }).ask('validate', { live: liveOf(user2, 's1') });
    expect(reply).toMatchObject({ status: 200, body: '' });
    expect(valueOf(reply, 'X-Me')).toBe('{"username":"user2","role":"patient","groups":[]}');
  });

  it('is an error, not a yes, for somebody who cannot be named', async () => {
    const reply = await room('tyke').ask('validate', { live: liveOf(person('a:b', 'r'), 's1') });
    expect(reply.status).toBe(500);
    expect(valueOf(reply, 'X-UserInfo')).toBeUndefined();
  });
});

describe('an unknown path', () => {
  it.each([
    ['tyke', null, 403, "Couldn't find the authcookie"],
    ['tyke', user1, 403, 'Not allowed'],
    ['tyke', admin, 404, 'Not found'],
    ['modern', null, 401, '{"error":"unauthenticated"}'],
    ['modern', user1, 404, '{"error":"not_found"}'],
    ['modern', admin, 404, '{"error":"not_found"}'],
  ] as const)('under %s for %j is %i', async (mode, principal, status, body) => {
    const live = principal && liveOf(principal, 's1');
    expect(await room(mode).ask('unknownPath', { live })).toMatchObject({ status, body });
  });

  it('is none of the business of somebody who acts for a member of staff', async () => {
    const actor = { subject: 'admin', directory: 'users', sessionId: 'a' };
    const live = liveOf(admin, 's1', actor);
    expect((await room('tyke').ask('unknownPath', { live })).status).toBe(403);
  });

  it('is not known to be unknown while the store is out', async () => {
    const { ask, sessions } = room('tyke');
    sessions.isOut = true;
    expect((await ask('unknownPath', { cookieToken: 't1' })).status).toBe(503);
  });
});

describe('the echo', () => {
  it('shows all fields on one line', async () => {
    const fields = { Host: 'a', 'X-UserInfo': 'user1:physician:group1,group2', Cookie: 'app=1' };
    const reply = await room('modern').ask('echo', { fields });
    expect(reply.status).toBe(200);
    expect(String(reply.body)).toBe(
      'Headers(Host: a, X-UserInfo: user1:physician:group1,group2, Cookie: app=1)',
    );
    expect(valueOf(reply, 'Content-Type')).toMatch(/^text\/plain/);
    expect(valueOf(reply, 'X-Content-Type-Options')).toBe('nosniff');
  });

  it('gives bytes back as they came', async () => {
    const latin1 = Buffer.from('é').toString('latin1');
    const reply = await room('modern').ask('echo', { fields: { 'X-A': latin1 } });
    expect(String(reply.body)).toBe('Headers(X-A: é)');
  });
});
