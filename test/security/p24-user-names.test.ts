import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryLogin } from '../support/login.ts';
import { request } from '../support/request.ts';
import { ask } from '../support/raw-client.ts';
import { ok } from '../support/recording-upstream.ts';
import { Scene } from '../support/scene.ts';

describe('P24: one user has one name, however it is typed', () => {
  const scene = new Scene();
  beforeAll(() => scene.set({}, { answer: ok() }));
  afterAll(() => scene.strike());

  it.each(['user1', ' user1 ', 'ｕｓｅｒ１', 'user1\t'.trimEnd(), '\u2003user1'])(
    'a login as %j is one of user1, to the upstream and to rules about users',
    async (typed) => {
      const login = await tryLogin(scene.gateway.edge, typed, 'pass1');
      expect([login.status, login.text()]).toEqual([200, '{"username":"user1"}']);
      const cookie = /^([^=;]+=[^;]+)/.exec(login.value('set-cookie') ?? '')?.[1] ?? '';
      scene.mark();
      const page = request('GET', '/x', [`Cookie: ${cookie}`, 'Connection: close']);
      expect((await ask(scene.gateway.edge, page)).status).toBe(200);
      const [info] = scene.forwarded()[0]?.values('x-userinfo') ?? [];
      expect(JSON.parse(info ?? 'null')).toMatchObject({ username: 'user1' });
    },
  );

  it.each(['User1', 'USER1', 'user1\0', 'user1\u202e', 'user1\n', 'us\u00ader1'])(
    'a login as %j is nobody’s, where the directory says that case and octets differ',
    async (typed) => {
      expect((await tryLogin(scene.gateway.edge, typed, 'pass1')).status).toBe(401);
    },
  );
});
