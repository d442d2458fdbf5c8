import { describe, expect, it } from 'vitest';
import { admin, room, valueOf, type Room } from './endpoint-fakes.ts';

const wrong = { username: 'user1', password: 'hunter2' };
const good = { username: 'user1', password: 'pass' };

/** Uses up what the account may get wrong. */
async function exhaust({ post }: Room, username = 'user1'): Promise<void> {
  for (let count = 0; count < 3; count += 1) await post('login', { ...wrong, username });
}

describe('too many failed logins', () => {
  it.each(['tyke', 'modern'] as const)(
    'are 429 with the time to wait under %s, also for the right password, and ask no directory',
    async (mode) => {
      const made = room(mode);
      await exhaust(made);
      const asked = made.directories.asked.length;
      const reply = await made.post('login', good);
      expect(reply.status).toBe(429);
      expect(reply.fields.filter(([name]) => name === 'Retry-After')).toEqual([
        ['Retry-After', '60'],
      ]);
      expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
      expect(made.directories.asked).toHaveLength(asked);
      // Whether there is such an account is told by nothing.
      await exhaust(made, 'nobody');
      const unknown = await made.post('login', { ...wrong, username: 'nobody' });
      expect({ ...unknown, fields: [] }).toEqual({ ...reply, fields: [] });
    },
  );

  it('are counted in one place for JSON and the form, and the form says so', async () => {
    const made = room('modern');
    await exhaust(made);
    const page = await made.ask('loginPage', { fields: { accept: 'text/html' } });
    const binding = /portcullis-login=([^;]+)/.exec(valueOf(page, 'Set-Cookie') ?? '')?.[1] ?? '';
    const token = /name="token" value="([^"]+)"/.exec(String(page.body))?.[1] ?? '';
    const reply = await made.ask('loginPage', {
      method: 'POST',
      body: Buffer.from(new URLSearchParams({ ...good, token }).toString()),
      fields: { 'content-type': 'application/x-www-form-urlencoded' },
      cookies: { 'portcullis-login': binding },
    });
    expect(reply.status).toBe(429);
    expect(valueOf(reply, 'Retry-After')).toBe('60');
    expect(reply.body).toContain('There were too many attempts.');
  });

  it('count against nobody while a directory is out', async () => {
    const made = room('modern');
    made.directories.isOut = true;
    for (let count = 0; count < 9; count += 1) {
      const reply = await made.post('login', wrong);
      expect([reply.status, valueOf(reply, 'Retry-After')]).toEqual([503, '1']);
    }
    made.directories.isOut = false;
    expect((await made.post('login', good)).status).toBe(200);
  });
});

describe('the audit log of what people do', () => {
  it('has logins, failures and logouts with actor, address and request, and no secret', async () => {
    const made = room('modern');
    await made.post('login', good);
    const live = made.sessions.live.get('t1') ?? null;
    await made.post('login', wrong);
    await made.post('logout', '', { live, cookieToken: 't1' });
    const actor = { directory: 'users', subject: 'user1' };
    const where = { address: '192.0.2.1', requestId: '0'.repeat(32) };
    expect(made.audited).toMatchObject([
      { event: 'login.accepted', actor, target: null, ...where },
      { event: 'login.rejected', actor: null, ...where },
      { event: 'logout', actor, target: null, ...where },
    ]);
    expect(JSON.stringify(made.audited)).not.toMatch(/hunter2|"pass"|t1/);
  });

  it('has staff acts with actor and target, and those that were refused', async () => {
    const made = room('modern');
    const caller = await made.enter(admin);
    await made.post('escalate', { username: 'user1' }, caller);
    await made.post('escalate', { username: 'admin' }, caller);
    await made.post('logoutUser', { username: 'user1' }, caller);
    await made.post('logoutUser', { username: 'admin' }, caller);
    const actor = { directory: 'users', subject: 'admin' };
    const target = { directory: 'users', subject: 'user1' };
    expect(made.audited).toMatchObject([
      { event: 'escalate.accepted', actor, target },
      { event: 'escalate.refused', actor, target: null },
      { event: 'logout_user', actor, target, revoked: 1 },
      { event: 'logout_user.refused', actor, target: null },
    ]);
  });

  it('has whoever really acted, when an impersonation is given back', async () => {
    const made = room('modern');
    const caller = await made.enter(admin);
    await made.post('escalate', { username: 'user1' }, caller);
    const live = made.sessions.live.get('t2') ?? null;
    await made.post('return', '', { live, cookieToken: 't2' });
    expect(made.audited.at(-1)).toMatchObject({
      event: 'return',
      actor: { directory: 'users', subject: 'admin' },
      target: { directory: 'users', subject: 'user1' },
    });
  });

  it('keeps people out while it must be written and cannot be, and lets them log out', async () => {
    const made = room('modern');
    const caller = await made.enter(admin);
    made.state.isAuditFailing = true;
    const reply = await made.post('login', good);
    expect([reply.status, valueOf(reply, 'Retry-After')]).toEqual([503, '1']);
    expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
    expect((await made.post('escalate', { username: 'user1' }, caller)).status).toBe(503);
    expect(made.sessions.live.size).toBe(1);
    expect((await made.post('logoutUser', { username: 'user1' }, caller)).status).toBe(200);
    expect((await made.post('logout', '', caller)).status).toBe(200);
  });
});

describe('staff who are asked for their password again', () => {
  const staff = { roles: ['staffuser'], protectedRoles: [], isPasswordAsked: true };
  const target = { username: 'user1' };

  it.each([
    ['tyke', 403],
    ['modern', 401],
  ] as const)('act for nobody without it or with a wrong one: %s', async (mode, status) => {
    const made = room(mode, { staff });
    const caller = await made.enter(admin);
    expect((await made.post('escalate', target, caller)).status).toBe(422);
    const refused = await made.post('escalate', { ...target, password: 'no' }, caller);
    expect(refused.status).toBe(status);
    // They stay who they are.
    expect(valueOf(refused, 'Set-Cookie')).toBeUndefined();
    expect(made.audited.map(({ event }) => event)).toEqual(['login.rejected', 'escalate.refused']);
    expect(made.sessions.live.size).toBe(1);
    const accepted = await made.post('escalate', { ...target, password: 'pass' }, caller);
    expect(accepted.status).toBe(200);
    expect(made.sessions.live.get('t2')?.session.principal).toMatchObject({
      subject: 'user1',
      directory: 'users',
    });
  });

  it('guess it no faster than at a login', async () => {
    const made = room('modern', { staff });
    const caller = await made.enter(admin);
    for (let count = 0; count < 3; count += 1) {
      await made.post('escalate', { ...target, password: 'no' }, caller);
    }
    const reply = await made.post('escalate', { ...target, password: 'pass' }, caller);
    expect([reply.status, valueOf(reply, 'Retry-After')]).toEqual([429, '60']);
  });

  it('say it in the form, which says when it was wrong', async () => {
    const made = room('modern', { staff });
    const caller = await made.enter(admin);
    const fields = {
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    const page = await made.ask('escalate', { ...caller, fields });
    expect(page.body).toContain('Your own password');
    const token = /name="token" value="([^"]+)"/.exec(String(page.body))?.[1] ?? '';
    const submit = (password: string) =>
      made.ask('escalate', {
        ...caller,
        method: 'POST',
        body: Buffer.from(new URLSearchParams({ ...target, password, token }).toString()),
        fields: { ...fields, 'content-type': 'application/x-www-form-urlencoded' },
      });
    const again = await submit('no');
    expect(again.status).toBe(401);
    expect(again.body).toContain('That is not your password.');
    expect((await submit('pass')).status).toBe(303);
  });
});
