import { describe, expect, it } from 'vitest';
import { cleared, person, room, user1, valueOf } from './endpoint-fakes.ts';

const good = { username: 'user1', password: 'pass' };

describe('a login', () => {
  it('greets the user and sets the cookie, as Tyke did', async () => {
    const reply = await room('tyke').post('login', good);
    expect(reply).toMatchObject({ status: 200, body: 'HELLO user1' });
    expect(valueOf(reply, 'Set-Cookie')).toBe('portcullis=t1; Path=/; HttpOnly; SameSite=Lax');
    expect(valueOf(reply, 'Cache-Control')).toBe('no-store');
    expect(valueOf(reply, 'X-UserInfo')).toBeUndefined();
  });

  it('says in JSON who it is under modern', async () => {
    const reply = await room('modern').post('login', good);
    expect(reply).toMatchObject({ status: 200, body: '{"username":"user1"}' });
    expect(valueOf(reply, 'Set-Cookie')).toContain('portcullis=t1;');
  });

  it('sets a secure cookie where the connection is', async () => {
    const reply = await room('modern').post('login', good, { isSecure: true });
    expect(valueOf(reply, 'Set-Cookie')).toMatch(/^__Host-portcullis=t1; .*; Secure$/);
  });

  it.each([
    ['tyke', 403],
    ['modern', 401],
  ] as const)(
    'is refused alike for a wrong password and an unknown user: %s',
    async (mode, status) => {
      const { post } = room(mode);
      const wrong = await post('login', { ...good, password: 'no' });
      const unknown = await post('login', { username: 'nobody', password: 'pass' });
      expect(wrong.status).toBe(status);
      expect(valueOf(wrong, 'Set-Cookie')).toBe(cleared);
      expect(unknown).toEqual(wrong);
    },
  );

  it.each([
    ['{', 400],
    ['', 400],
    ['username=user1&password=pass', 400],
    ['{"username":"a\xff"', 400],
    ['{"username":"user1"}', 422],
    ['{"username":"user1","password":1}', 422],
    ['{"username":null,"password":"pass"}', 422],
    ['[]', 422],
    ['null', 422],
    ['"user1"', 422],
    ['{"__proto__":{"username":"user1","password":"pass"}}', 422],
  ])('needs JSON with both fields: %s gives %i', async (body, status) => {
    for (const mode of ['tyke', 'modern'] as const) {
      const { directories, post } = room(mode);
      const reply = await post('login', body);
      expect(reply.status).toBe(status);
      expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
      expect(directories.asked).toEqual([]);
    }
  });

  it('refuses bytes that are not UTF-8, and reads the next body all the same', async () => {
    const { ask, post } = room('tyke');
    const body = Buffer.from('{"username":"\xff","password":"pass"}', 'latin1');
    expect((await ask('login', { method: 'POST', body })).status).toBe(400);
    expect((await post('login', good)).status).toBe(200);
  });

  it('takes JSON whatever its content type says', async () => {
    const fields = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await room('tyke').post('login', good, { fields })).status).toBe(200);
  });

  it('reads no password above 4096 bytes', async () => {
    const { directories, post } = room('modern');
    expect((await post('login', { ...good, password: 'é'.repeat(2_049) })).status).toBe(400);
    expect(directories.asked).toEqual([]);
    expect((await post('login', { ...good, password: 'x'.repeat(4_096) })).status).toBe(401);
  });

  it('ends the session that the same request presents, and no other', async () => {
    const { enter, post, sessions } = room('modern');
    const old = await enter(user1);
    await enter(user1);
    const reply = await post('login', good, { cookieToken: old.cookieToken });
    expect(reply.status).toBe(200);
    expect([...sessions.live.keys()]).toEqual(['t2', 't3']);
  });

  it('leaves the presented session alone when the password is wrong', async () => {
    const { enter, post, sessions } = room('modern');
    const { cookieToken } = await enter(user1);
    await post('login', { ...good, password: 'no' }, { cookieToken });
    expect(sessions.live.has(cookieToken)).toBe(true);
  });

  it('works with a cookie that is worth nothing', async () => {
    expect((await room('modern').post('login', good, { cookieToken: 'gone' })).status).toBe(200);
  });

  it('is no "no" in an outage, and leaves the cookie alone', async () => {
    for (const mode of ['tyke', 'modern'] as const) {
      const out = room(mode);
      out.directories.isOut = true;
      const stores = room(mode);
      stores.sessions.isOut = true;
      for (const { post } of [out, stores]) {
        for (const cookieToken of [null, 'any']) {
          const reply = await post('login', good, { cookieToken });
          expect(reply.status).toBe(503);
          expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
          expect(valueOf(reply, 'Retry-After')).toBe('1');
        }
      }
    }
  });

  it('comes to nothing when all sessions of the user end while the password is checked', async () => {
    const { directories, post, sessions } = room('modern');
    const authenticate = directories.authenticate.bind(directories);
    directories.authenticate = async (username, password) => {
      await sessions.endAllOf('users', 'user1');
      return authenticate(username, password);
    };
    expect((await post('login', good)).status).toBe(503);
    expect(sessions.live.size).toBe(0);
  });

  it.each([
    ['a b:c', 4096, 'userinfo_unencodable'],
    ['user1', 10, 'userinfo_too_large'],
  ])('of somebody whom upstreams cannot be told about fails: %s', async (name, bytesMax, error) => {
    const made = room('tyke', { identity: { field: 'X-UserInfo', format: 'tyke', bytesMax } });
    made.directories.people.unshift(person(name, 'physician'));
    const reply = await made.post('login', { username: name, password: 'pass' });
    expect(reply.status).toBe(500);
    expect(JSON.parse(String(reply.body))).toEqual({ error });
    expect(made.sessions.live.size).toBe(0);
    expect(made.logged[0]?.event).toBe('login.userinfo');
  });

  it.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('from a foreign page is refused before the password is looked at: %j', async (fields) => {
    for (const mode of ['tyke', 'modern'] as const) {
      const { directories, post } = room(mode);
      const reply = await post('login', good, { fields });
      expect(reply.status).toBe(403);
      expect(directories.asked).toEqual([]);
    }
  });

  it.each([
    { origin: 'http://app.example', 'sec-fetch-site': 'same-origin' },
    { origin: 'https://ok.example', 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'none' },
  ])('from the own site, an allowed one or the address bar passes: %j', async (fields) => {
    expect((await room('modern').post('login', good, { fields })).status).toBe(200);
  });

  it('is none when it is no POST: it looks like a path that is not there', async () => {
    const tyke = room('tyke');
    expect((await tyke.ask('login')).status).toBe(403);
    expect((await tyke.ask('login', { cookieToken: 'gone' })).body).toBe('Invalid session');
    const { cookieToken } = await tyke.enter(user1);
    expect((await tyke.ask('login', { cookieToken })).body).toBe('Not allowed');
    expect((await room('modern').ask('login')).status).toBe(401);
    expect(tyke.sessions.live.size).toBe(1);
  });

  it('is counted and logged, without the name that was typed or the password', async () => {
    const { logged, logins, post } = room('modern');
    await post('login', good);
    await post('login', { username: 'hunter2', password: 's3cret' });
    expect(logged.map(({ event }) => event)).toEqual(['login.accepted', 'login.rejected']);
    expect(logged[0]?.fields).toMatchObject({ subject: 'user1', client: '192.0.2.1' });
    expect(JSON.stringify(logged)).not.toMatch(/hunter2|s3cret|"pass"|t1/);
    const counted = logins.samples().filter(({ value }) => value > 0);
    expect(counted).toEqual([
      { labels: { directory: 'users', result: 'accepted' }, value: 1 },
      { labels: { directory: 'none', result: 'rejected' }, value: 1 },
    ]);
  });
});
