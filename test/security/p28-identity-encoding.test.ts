import { describe, expect, it } from 'vitest';
import { Gateway } from '../support/gateway.ts';
import type { UserYaml } from '../support/gateway-yaml.ts';
import { logIn, tryLogin } from '../support/login.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const odd: Readonly<Record<string, Omit<UserYaml, 'username' | 'password'>>> = {
  zoë: { role: 'physician', groups: ['group1'] },
  plain: { role: 'physician', groups: ['Ärzte', '医生', '🚑'] },
  colon: { role: 'physician', groups: ['a:b'] },
  comma: { role: 'physician', groups: ['a,b'] },
  blanks: { role: 'physician', groups: ['two  words'] },
  quotes: { role: 'physician', groups: ['"\\'] },
  huge: {
    role: 'physician',
    groups: Array.from({ length: 50 }, (_, at) => `${'x'.repeat(100)}${String(at)}`),
  },
};
const users: UserYaml[] = [
  { username: 'user1', password: 'pass1', role: 'physician', groups: ['group1', 'group2'] },
  ...Object.entries(odd).map(([username, rest]) => ({ username, password: 'pass', ...rest })),
];
const directories = { demo: { type: 'static' as const, insecurePlainText: true, users } };

describe.each(bothAnswers)('P28: identity as JSON is ASCII and one line, under %s', (answers) => {
  const scene = useScene({ answers, sections: { directories, identity: { format: 'json' } } });

  it.each(['zoë', 'plain', 'colon', 'comma', 'blanks', 'quotes'])('for %s', async (username) => {
    const { cookie } = await logIn(scene.gateway.edge, username, 'pass');
    const received = await scene.passes(request('GET', '/api/x', [`Cookie: ${cookie}`]));
    const [value = '', ...more] = received.values('x-userinfo');
    expect(more).toEqual([]);
    expect(value).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(value)).toEqual({ username, ...odd[username] });
  });

  it('one that is too large is refused at login, not at each request', async () => {
    const response = await tryLogin(scene.gateway.edge, 'huge', 'pass');
    expect(response.status).toBe(500);
    expect(response.text()).toContain('userinfo_too_large');
    expect(response.value('set-cookie') ?? '').not.toMatch(/^portcullis=[^;]/);
  });
});

describe.each(bothAnswers)(
  'P28: identity in Tyke’s form carries what it can, under %s',
  (answers) => {
    const scene = useScene({ answers, sections: { directories, identity: { format: 'tyke' } } });

    it('an ordinary user passes', async () => {
      const received = await scene.passes(request('GET', '/api/x', [`Cookie: ${scene.cookie}`]));
      expect(received.values('x-userinfo')).toEqual(['user1:physician:group1,group2']);
    });

    it.each(['zoë', 'plain', 'colon', 'comma'])('%s is refused at login', async (username) => {
      const response = await tryLogin(scene.gateway.edge, username, 'pass');
      expect(response.status).toBe(500);
      expect(response.text()).toContain('userinfo_unencodable');
      expect(response.value('set-cookie') ?? '').not.toMatch(/^portcullis=[^;]/);
    });

    it('one that is too large is refused at login', async () => {
      const response = await tryLogin(scene.gateway.edge, 'huge', 'pass');
      expect(response.status).toBe(500);
      expect(response.text()).toContain('userinfo_too_large');
    });
  },
);

describe('P28: a user who would split a line', () => {
  it.each(['a\r\nX-Admin: 1', 'a\nb', 'a\0b', 'a\x7fb'])(
    'is no configuration: %j',
    async (group) => {
      const split: UserYaml[] = [{ username: 'user1', password: 'pass1', groups: [group] }];
      const broken = { demo: { type: 'static' as const, insecurePlainText: true, users: split } };
      const start = Gateway.planned({ upstreamPorts: [9], sections: { directories: broken } });
      await expect(start).rejects.toThrow(/does not start[^]*groups/);
    },
  );
});
