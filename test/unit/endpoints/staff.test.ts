import { describe, expect, it } from 'vitest';
import { admin, liveOf, person, room, user1, user2, valueOf, type Room } from './endpoint-fakes.ts';

const target = { username: 'user1' };

async function staff(mode: 'tyke' | 'modern' = 'tyke') {
  const made = room(mode);
  return { ...made, caller: await made.enter(admin) };
}

describe.each(['escalate', 'logoutUser'] as const)('the staff endpoint %s', (name) => {
  async function refusals(made: Room, body: unknown, asked: Parameters<Room['ask']>[1]) {
    const reply = await made.post(name, body, asked);
    return [reply.status, reply.body];
  }

  it('is for staff only', async () => {
    const made = room('tyke');
    const caller = await made.enter(user2);
    expect(await refusals(made, target, caller)).toEqual([403, 'Not allowed']);
    // Nor does a broken body tell more.
    expect(await refusals(made, '{', caller)).toEqual([403, 'Not allowed']);
  });

  it.each(['admin', 'nosuch'])('does nothing to staff and to nobody: %s', async (username) => {
    const made = await staff();
    expect(await refusals(made, { username }, made.caller)).toEqual([403, 'Not allowed']);
    expect(made.sessions.live.size).toBe(1);
  });

  it('does nothing to a superuser of a directory, nor to a role above staff', async () => {
    const superuser = await staff();
    superuser.directories.superusers.add('user1');
    expect(await refusals(superuser, target, superuser.caller)).toEqual([403, 'Not allowed']);
    const roles = { roles: ['staffuser'], protectedRoles: ['physician'], isPasswordAsked: false };
    const made = room('tyke', { staff: roles });
    const caller = await made.enter(admin);
    expect(await refusals(made, target, caller)).toEqual([403, 'Not allowed']);
    const other = await made.post(name, { username: 'user2' }, caller);
    expect(other.status).toBe(200);
  });

  it('is not for somebody who already acts for somebody, even for staff', async () => {
    const made = room('tyke');
    const actor = { subject: 'admin', directory: 'users', sessionId: 'a' };
    for (const principal of [user2, admin]) {
      const live = liveOf(principal, 's1', actor);
      expect(await refusals(made, target, { live })).toEqual([403, 'Not allowed']);
    }
  });

  it('needs a JSON body with a name', async () => {
    const made = await staff();
    const malformed = [400, 'The request body was malformed.'];
    expect(await refusals(made, '{', made.caller)).toEqual(malformed);
    const invalid = [422, 'The request body was invalid.'];
    expect(await refusals(made, {}, made.caller)).toEqual(invalid);
    expect(await refusals(made, { username: 1 }, made.caller)).toEqual(invalid);
  });

  it('is refused to a foreign page', async () => {
    const made = await staff('modern');
    for (const fields of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'same-site' }]) {
      const reply = await made.post(name, target, { ...made.caller, fields });
      expect(reply).toMatchObject({ status: 403, body: '{"error":"cross_site"}' });
    }
    expect(made.sessions.live.size).toBe(1);
  });

  it.each(['GET', 'HEAD', 'PUT'])('is not there for %s', async (method) => {
    const made = await staff();
    const reply = await made.post(name, target, { ...made.caller, method });
    expect(reply).toMatchObject({ status: 404, body: 'Not found' });
  });

  it('is unavailable while the store is out', async () => {
    const made = await staff();
    made.sessions.isOut = true;
    const reply = await made.post(name, target, made.caller);
    expect(reply.status).toBe(503);
    expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
  });

  it('tells the caller who the caller is under tyke', async () => {
    const made = await staff();
    const reply = await made.post(name, target, made.caller);
    expect(valueOf(reply, 'X-UserInfo')).toBe('admin:staffuser:');
    const modern = await staff('modern');
    expect(valueOf(await modern.post(name, target, modern.caller), 'X-UserInfo')).toBeUndefined();
  });
});

describe('an escalation', () => {
  it('opens a second session of the target and leaves the first alone', async () => {
    const made = await staff();
    const reply = await made.post('escalate', target, made.caller);
    expect(reply).toMatchObject({ status: 200, body: 'HELLO user1' });
    expect(valueOf(reply, 'Set-Cookie')).toMatch(/^portcullis=t2; /);
    const opened = made.sessions.live.get('t2')?.session;
    expect(opened).toMatchObject({ principal: user1, actor: { subject: 'admin' } });
    expect(made.sessions.live.has('t1')).toBe(true);
  });

  it('names both under modern and in the log', async () => {
    const made = await staff('modern');
    const reply = await made.post('escalate', target, made.caller);
    expect(JSON.parse(String(reply.body))).toEqual({ username: 'user1', actor: 'admin' });
    const [line] = made.logged;
    expect(line).toMatchObject({
      event: 'escalate.accepted',
      fields: { actor: 'admin', subject: 'user1' },
    });
    expect(JSON.stringify(line)).not.toMatch(/"s1"|"t2"/);
  });

  it('waits for a directory that is out', async () => {
    const made = await staff();
    made.directories.isOut = true;
    expect((await made.post('escalate', target, made.caller)).status).toBe(503);
    expect(made.sessions.live.size).toBe(1);
  });

  it('to somebody who cannot be named fails and opens nothing', async () => {
    const made = await staff();
    made.directories.people.push(person('a:b', 'patient'));
    const reply = await made.post('escalate', { username: 'a:b' }, made.caller);
    expect(reply.status).toBe(500);
    expect(made.sessions.live.size).toBe(1);
  });
});

describe('logging a user out', () => {
  it('ends every session of that user and no other', async () => {
    const made = await staff();
    await made.enter(user1);
    await made.enter(user1);
    await made.enter(user2);
    const reply = await made.post('logoutUser', target, made.caller);
    expect(reply).toMatchObject({ status: 200, body: 'Logged out user user1' });
    expect([...made.sessions.live.keys()]).toEqual(['t1', 't4']);
    expect(made.logged.at(-1)).toMatchObject({
      event: 'logout_user',
      fields: { actor: 'admin', subject: 'user1', revoked: 2 },
    });
  });

  it('without a session is done all the same', async () => {
    const made = await staff();
    expect((await made.post('logoutUser', target, made.caller)).status).toBe(200);
  });

  it('is told in JSON to those who prefer it', async () => {
    const made = await staff();
    await made.enter(user1);
    const fields = { accept: 'application/json' };
    const reply = await made.post('logoutUser', target, { ...made.caller, fields });
    expect(JSON.parse(String(reply.body))).toEqual({
      username: 'user1',
      revoked: 1,
      members: 1,
      acked: 1,
      waited_ms: 0,
    });
  });

  describe('while the directory is out', () => {
    it('goes by the sessions that there are', async () => {
      const made = await staff();
      await made.enter(user1);
      made.directories.isOut = true;
      expect((await made.post('logoutUser', target, made.caller)).status).toBe(200);
      expect([...made.sessions.live.keys()]).toEqual(['t1']);
    });

    it('spares staff', async () => {
      const made = await staff();
      await made.enter(admin);
      made.directories.isOut = true;
      const reply = await made.post('logoutUser', { username: 'admin' }, made.caller);
      expect(reply.status).toBe(403);
      expect(made.sessions.live.size).toBe(2);
    });

    it('cannot tell about somebody without a session', async () => {
      const made = await staff();
      made.directories.isOut = true;
      expect((await made.post('logoutUser', target, made.caller)).status).toBe(503);
    });
  });
});
