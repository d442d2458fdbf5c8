import { describe, expect, it } from 'vitest';
import { load, problemsOf, smallest } from '../../support/config-file.ts';

const usual = '    issuer: https://login.example.org\n    audiences: [gateway]\n';
const token = (lines: string): string =>
  `${smallest}directories:\n  provider:\n    type: token\n${lines}`;

describe('a token directory in the configuration', () => {
  it('is small where the defaults fit', () => {
    expect(load(token(usual)).directories[0]).toEqual({
      type: 'token',
      name: 'provider',
      issuer: 'https://login.example.org',
      audiences: ['gateway'],
      algorithms: ['RS256', 'ES256', 'EdDSA'],
      keys: {
        url: null,
        ca: null,
        timeoutMs: 5000,
        cooldownMs: 30_000,
        refreshMs: 600_000,
        ageMsMax: 14_400_000,
      },
      clockToleranceMs: 30_000,
      claims: { subject: ['sub'], groups: ['groups'], role: null },
      roles: [],
      role: 'nobody',
      bearer: { cacheMs: 300_000, entriesMax: 10_000 },
    });
  });

  it('finds claims by a name, dots included, or by the names on the way', () => {
    const lines = `${usual}    claims: {groups: [realm_access, roles], role: 'https://example.org/role'}\n`;
    const [directory] = load(token(lines)).directories;
    expect(directory?.type === 'token' && directory.claims).toEqual({
      subject: ['sub'],
      groups: ['realm_access', 'roles'],
      role: ['https://example.org/role'],
    });
  });

  it.each([
    ['no issuer', '    audiences: [gateway]\n', /issuer: is missing/],
    [
      'an issuer in the clear',
      '    issuer: http://login.example.org\n    audiences: [a]\n',
      /issuer/,
    ],
    ['no audience', '    issuer: https://login.example.org\n', /audiences: is missing/],
    ['an empty list of audiences', '    issuer: https://x.org\n    audiences: []\n', /audiences/],
    ['an algorithm with a shared secret', `${usual}    algorithms: [HS256]\n`, /algorithms\[0\]/],
    ['no algorithm at all', `${usual}    algorithms: [none]\n`, /algorithms\[0\]/],
    [
      'keys in the clear',
      `${usual}    keys: {url: 'http://login.example.org/keys'}\n`,
      /keys\.url/,
    ],
    [
      'keys that end before they are read again',
      `${usual}    keys: {maxAge: 1m}\n`,
      /keys\.maxAge/,
    ],
    [
      'an authority that is not there',
      `${usual}    keys: {caFile: no.pem}\n`,
      /keys\.caFile: names/,
    ],
  ])('is refused with %s', (_claim, lines, problem) => {
    const problems = problemsOf(token(lines));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
});

describe('a route with a bearer token', () => {
  const route = (auth: string, target: string): string =>
    smallest.replace(/routes:\n/, `routes:\n      - {path: /t/, auth: ${auth}, ${target}}\n`);

  it.each(['bearer', 'sessionOrBearer'])('needs a directory that checks tokens (%s)', (auth) => {
    const yaml = route(auth, 'respond: {status: 200}');
    expect(problemsOf(yaml)).toEqual([
      expect.stringMatching(/routes\[0\]\.auth: is \w+, but no directory checks tokens/),
    ]);
    const whole = `${yaml}directories:\n  provider:\n    type: token\n${usual}`;
    expect(load(whole).listeners[0]?.routes[0]?.auth).toBe(auth);
  });

  it('leads to no endpoint', () => {
    const yaml = `${route('bearer', 'endpoint: session')}directories:\n  provider:\n    type: token\n${usual}`;
    expect(problemsOf(yaml)).toEqual([expect.stringMatching(/but endpoints know sessions only/)]);
  });
});
