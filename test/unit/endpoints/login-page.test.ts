import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../src/http/reply.ts';
import { admin, room, user1, valueOf, type Room } from './endpoint-fakes.ts';

const browser = {
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'same-origin',
};
const formType = {
  'content-type': 'application/x-www-form-urlencoded',
  origin: 'http://app.example',
};

/** The form as a browser holds it: its token, and the cookie that came along. */
async function formOf(
  made: Room,
  query = '',
): Promise<{ token: string; cookies: Record<string, string> }> {
  const page = await made.ask('loginPage', { fields: browser, query });
  const [, value = ''] = /^portcullis-login=([^;]+);/.exec(valueOf(page, 'Set-Cookie') ?? '') ?? [];
  const [, token = ''] = /name="token" value="([^"]+)"/.exec(String(page.body)) ?? [];
  return { token, cookies: { 'portcullis-login': value } };
}

function submit(
  made: Room,
  form: { token: string; cookies: Record<string, string> },
  password = 'pass',
): Promise<Reply> {
  const body = new URLSearchParams({ token: form.token, username: 'user1', password });
  return made.post('loginPage', body.toString(), {
    fields: { ...browser, ...formType },
    cookies: form.cookies,
  });
}

describe('the login page', () => {
  it('is the page also for programs that ask for it, and leaves JSON to the login', async () => {
    const made = room('modern');
    const page = await made.ask('loginPage');
    expect(page.status).toBe(200);
    expect(valueOf(page, 'Content-Type')).toBe('text/html; charset=utf-8');
    const json = await made.post('loginPage', { username: 'user1', password: 'pass' });
    expect(json).toMatchObject({ status: 200, body: '{"username":"user1"}' });
    expect((await made.ask('loginPage', { method: 'PUT' })).status).toBe(401);
  });

  it('leads where the form was asked for, by way of a look for the cookie', async () => {
    const made = room('modern');
    const form = await formOf(made, '?next=/x');
    const reply = await submit(made, form);
    expect(reply.status).toBe(303);
    const location = valueOf(reply, 'Location') ?? '';
    expect(location).toMatch(/^\/loginPage\?back=/);
    const asked = {
      fields: browser,
      cookies: form.cookies,
      query: location.slice(location.indexOf('?')),
    };
    const arrived = await made.ask('loginPage', { ...asked, cookieToken: 't1' });
    expect([arrived.status, valueOf(arrived, 'Location')]).toEqual([302, '/x']);
    const lost = await made.ask('loginPage', asked);
    expect(lost.status).toBe(403);
    expect(lost.body).toContain('Your browser did not keep our cookie');
  });

  it('is 503 with the form while nobody can check a password, and leaves the cookies alone', async () => {
    const made = room('modern');
    const form = await formOf(made);
    made.directories.isOut = true;
    const reply = await submit(made, form);
    expect(reply.status).toBe(503);
    expect(valueOf(reply, 'Retry-After')).toBe('1');
    expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
    expect(reply.body).toContain('We cannot check your password right now.');
    expect((await formOf(made)).token).not.toBe('');
  });

  it('is 503 for somebody who has a cookie while nobody can say what it is worth', async () => {
    const made = room('modern');
    const { cookieToken } = await made.enter(user1);
    made.sessions.isOut = true;
    const reply = await made.ask('loginPage', { cookieToken, fields: browser });
    expect(reply.status).toBe(503);
    expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
  });

  it('says that it is our fault where upstreams cannot be told who somebody is', async () => {
    const made = room('modern', { identity: { field: 'X-UserInfo', format: 'tyke', bytesMax: 3 } });
    const reply = await submit(made, await formOf(made));
    expect(reply.status).toBe(500);
    expect(reply.body).toContain('Something went wrong on our side.');
  });

  it('takes the way back of an impersonation from a browser that logs in anew', async () => {
    const made = room('modern');
    const form = await formOf(made);
    const cookies = { ...form.cookies, 'portcullis-actor': 'old' };
    const reply = await submit(made, { token: form.token, cookies });
    const lines = reply.fields.filter(([name]) => name === 'Set-Cookie').map(([, value]) => value);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^portcullis-actor=; .*Max-Age=0/);
  });
});

describe('a return', () => {
  it('ends nothing while nobody can say whose session is behind it', async () => {
    const made = room('modern');
    const { live, cookieToken } = await made.enter(admin);
    const actor = { subject: 'admin', directory: 'users', sessionId: live.session.id };
    const opening = await made.sessions.open(user1, actor, 0);
    if (opening.kind !== 'opened') throw new Error('no session');
    made.sessions.isOut = true;
    const asked = { live: opening.live, cookies: { 'portcullis-actor': cookieToken } };
    const reply = await made.post('return', '', asked);
    expect(reply.status).toBe(503);
    expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
    expect(made.sessions.live.size).toBe(2);
  });
});
