import { describe, expect, it } from 'vitest';
import { load, problemsOf, smallest } from '../../support/config-file.ts';

const service = '    service: {dn: "cn=service,dc=example,dc=org", password: s3cret}\n';
const base = '    userBase: ou=people,dc=example,dc=org\n';

function ldap(lines: string): string {
  return `${smallest}directories:\n  people:\n    type: ldap\n${lines}`;
}

describe('an LDAP directory in the configuration', () => {
  it('is small where the defaults fit', () => {
    const yaml = ldap(
      `    urls: ['ldaps://dc1.example.org', 'ldaps://[::1]:6360']\n${base}${service}`,
    );
    const [directory] = load(yaml).directories;
    expect(directory).toMatchObject({
      type: 'ldap',
      name: 'people',
      servers: [
        { host: 'dc1.example.org', port: 636, isTls: true },
        { host: '::1', port: 6360, isTls: true },
      ],
      bindName: null,
      users: {
        base: 'ou=people,dc=example,dc=org',
        filter: '(uid={username})',
        nameAttribute: 'uid',
      },
      groups: { from: 'memberOf', base: 'ou=people,dc=example,dc=org', depthMax: 0 },
      roles: [],
      role: 'nobody',
      connectTimeoutMs: 3000,
      operationTimeoutMs: 5000,
    });
    expect(JSON.stringify(directory)).not.toContain('s3cret');
  });

  it('needs neither base nor service account where a template gives the entry', () => {
    const lines = `    urls: ['ldap://127.0.0.1']\n    bindName: uid={username},ou=people,dc=example,dc=org\n`;
    expect(load(ldap(lines)).directories[0]).toMatchObject({
      service: null,
      users: { base: '', filter: '(objectClass=*)' },
    });
  });

  it('takes the password of the service account from a file', () => {
    const lines = `    urls: ['ldap://127.0.0.1']\n${base}    service: {dn: "cn=s,dc=x", passwordFile: ldap.password}\n`;
    const [directory] = load(ldap(lines), {
      files: { 'ldap.password': 'from a file\n' },
    }).directories;
    expect(directory?.type === 'ldap' && directory.service?.password.reveal()).toBe('from a file');
  });

  const url = `    urls: ['ldaps://dc1.example.org']\n`;
  it.each([
    [
      'clear text to another machine',
      `    urls: ['ldap://dc1.example.org']\n${base}${service}`,
      /urls\[0\]: is in the clear.*; expected ldaps:\/\/, or startTls: true/,
    ],
    [
      'TLS twice',
      `    urls: ['ldaps://dc1.example.org']\n    startTls: true\n${base}${service}`,
      /urls\[0\]: is ldaps:\/\/ beside startTls/,
    ],
    ['no way to find a user', `${url}${base}`, /service: is missing; expected an account/],
    ['no base', `${url}${service}`, /userBase: is missing/],
    [
      'a password in an address',
      `    urls: ['ldaps://u:hunter2@dc1']\n${base}${service}`,
      /urls\[0\]/,
    ],
    [
      'a filter that is not closed',
      `${url}${base}${service}    userFilter: (&(uid={username})\n`,
      /userFilter/,
    ],
    ['two filters', `${url}${base}${service}    userFilter: (uid={username})(a=b)\n`, /userFilter/],
    ['a template without a place', `${url}${base}    bindName: uid=x\n`, /bindName/],
    ['a service account without a password', `${url}${base}    service: {dn: cn=x}\n`, /password/],
    [
      'an authority that is not there',
      `${url}${base}${service}    caFile: no.pem\n`,
      /caFile: names a file/,
    ],
    [
      'a rule without a role',
      `${url}${base}${service}    roles: [{group: x}]\n`,
      /roles\[0\]\.role/,
    ],
  ])('is refused with %s', (_claim, lines, problem) => {
    const problems = problemsOf(ldap(lines));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(problems[0]).not.toContain('hunter2');
  });
});
