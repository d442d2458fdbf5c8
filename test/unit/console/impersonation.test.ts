import { describe, expect, it } from 'vitest';
import { impersonationOf } from '../../../src/console/impersonation.ts';
import { load } from '../../support/config-file.ts';

interface Told {
  readonly admin?: string;
  readonly host?: string;
  readonly address?: string;
  readonly endpoint?: string;
  readonly answers?: string;
}

function told({
  admin = '',
  address = '127.0.0.1:8081',
  answers = 'modern',
  endpoint = 'escalate',
  host = '',
}: Told) {
  const config = load(`answers: ${answers}
listeners:
  edge:
    address: ${address}
    routes:
      - {exactPath: /auth/login, endpoint: login}
      - {exactPath: /auth/act, endpoint: ${endpoint}${host}}
  other:
    address: 127.0.0.1:9000
    routes: [{exactPath: /escalate, endpoint: escalate}]
admin: {address: 127.0.0.1:9099${admin}}
`);
  if (config.admin === null) throw new Error('there is one');
  return impersonationOf(config.admin, config.listeners, config.answers);
}

describe('acting for a user from the console', () => {
  it('leads to where users are', () => {
    expect(told({})).toEqual({
      possible: true,
      url: 'http://127.0.0.1:8081/auth/act?username=',
    });
    const site = ', site: "https://www.example.org"';
    const url = 'https://www.example.org/auth/act?username=';
    expect(told({ admin: site, address: ':443' })).toEqual({ possible: true, url });
    expect(told({ admin: site, host: ', host: www.example.org' })).toEqual({ possible: true, url });
    expect(told({ admin: site, host: ', hosts: ["*.example.org"]' })).toEqual({
      possible: true,
      url,
    });
    expect(told({ admin: `${site}, siteListener: other` })).toMatchObject({
      url: 'https://www.example.org/escalate?username=',
    });
  });

  it('is not possible, and says why', () => {
    const reasonOf = (given: Told) => {
      const state = told(given);
      return state.possible ? null : state.reason;
    };
    expect(reasonOf({ answers: 'tyke' })).toBe('tykeAnswers');
    expect(reasonOf({ endpoint: 'echo' })).toBe('noRoute');
    expect(reasonOf({ address: ':8081' })).toBe('siteUnknown');
    const admin = ', site: "https://www.example.org"';
    expect(reasonOf({ admin, host: ', host: staff.example.org' })).toBe('otherHost');
    expect(reasonOf({ admin, host: ', hosts: ["*.www.example.org"]' })).toBe('otherHost');
  });
});
