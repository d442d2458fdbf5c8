import { describe, expect, it } from 'vitest';
import { load } from '../../support/config-file.ts';

const people = `directories:
  people:
    type: static
    insecurePlainText: true
    users:
      - {username: user1, password: pass1}
      - {username: safe, password: nobody-wrote-this-down}
`;

interface Plan {
  readonly address: string;
  readonly routes?: string;
  readonly listener?: string;
  readonly rest?: string;
}

function warningsOf({ address, routes, listener = '', rest = people }: Plan): readonly string[] {
  return load(`listeners:
  edge:
    address: "${address}"
    routes: [${routes ?? '{path: /login, endpoint: login}'}]
${listener}
${rest}
`).warnings;
}

const plainText = 'directory people holds passwords as plain text: for demonstrations only';

describe('a warning about published passwords', () => {
  const about = (warnings: readonly string[]): readonly string[] =>
    warnings.filter((warning) => warning.includes('published'));

  it.each([':8081', '0.0.0.0:8081', '10.0.0.1:8081', '[::]:8081'])(
    'names the users and the listener where others can log in: %s',
    (address) => {
      const [warning] = about(warningsOf({ address }));
      expect(warning).toMatch(/^directory people has users with published passwords \(user1\)/);
      expect(warning).toContain('can log in at edge (');
      expect(warning).not.toContain('pass1');
    },
  );

  it.each(['127.0.0.1:8081', '[::1]:8081', 'localhost:8081'])(
    'is not given where only this machine can: %s',
    (address) => {
      expect(warningsOf({ address })).toEqual([plainText]);
    },
  );

  it('is not given for a listener where nobody can log in', () => {
    const routes = '{path: /, respond: {}}';
    expect(about(warningsOf({ address: ':8081', routes }))).toEqual([]);
  });

  it('is not given for a directory that no login asks', () => {
    const rest = `${people}  none: {type: static}\nlogin: {directories: [none]}`;
    const warnings = warningsOf({ address: ':8081', rest });
    expect(about(warnings)).toEqual([]);
    expect(warnings).toContain('directory people is not in login.directories');
  });
});

describe('a warning', () => {
  it('is given for a listener without a cap per address that others reach', () => {
    const listener = '    limits: {connectionsPerAddressMax: 0}';
    const routes = '{path: /, respond: {}}';
    expect(warningsOf({ address: '10.0.0.1:80', listener, routes, rest: '' })).toEqual([
      'listener edge is open to others at 10.0.0.1:80 without connectionsPerAddressMax: one client can take all connections',
    ]);
    expect(warningsOf({ address: '127.0.0.1:80', listener, routes, rest: '' })).toEqual([]);
  });

  it('is given for logins in the clear, not behind a TLS terminator', () => {
    const inTheClear =
      'listener edge is open to others at 10.0.0.1:80 without TLS: passwords and session cookies can be read on the way';
    expect(warningsOf({ address: '10.0.0.1:80' })).toContain(inTheClear);
    expect(warningsOf({ address: '10.0.0.1:80', listener: '    secure: true' })).not.toContain(
      inTheClear,
    );
  });

  it('is given for peers that are everybody', () => {
    const listener = '    trustedPeers: [0.0.0.0/0]';
    expect(warningsOf({ address: '127.0.0.1:80', listener })).toContain(
      'listener edge trusts every address in trustedPeers: whoever reaches it can ask about any cookie',
    );
  });

  it("is given for an operators' port that others reach", () => {
    expect(
      warningsOf({ address: '127.0.0.1:80', rest: `${people}admin: {address: ":9099"}` }),
    ).toEqual([
      plainText,
      'admin is open to others at [::]:9099, and health and metrics ask nobody for a password: let only operators reach it',
      'admin is open to others at [::]:9099, and takes the passwords of staff in the clear there',
    ]);
  });

  it('is given where nobody can log in', () => {
    expect(warningsOf({ address: '127.0.0.1:80', rest: '' })).toEqual([
      'no directory that is asked has users, so that nobody can log in',
    ]);
    expect(
      warningsOf({ address: '127.0.0.1:80', routes: '{path: /, endpoint: session}' }),
    ).toContain('no listener has the login endpoint, so that nobody can get a session');
  });

  it('is given where guessing is not slowed down', () => {
    const rest = `${people}login: {throttle: {enabled: false}}`;
    expect(warningsOf({ address: '127.0.0.1:80', rest })).toContain(
      'login.throttle is off: passwords can be guessed as fast as they can be checked',
    );
  });

  it('is given for an upstream that no route uses', () => {
    const rest = `${people}upstreams: {app: {servers: [a:1]}}`;
    expect(warningsOf({ address: '127.0.0.1:80', rest })).toEqual([
      plainText,
      'upstream app is used by no route',
    ]);
  });

  it('is given for users that the tyke format cannot carry', () => {
    const rest = `identity: {format: tyke}
directories:
  people:
    type: static
    insecurePlainText: true
    users:
      - {username: "a:b", password: x}
      - {username: b, password: x, groups: ["c,d"]}
      - {username: zoë, password: x}
      - {username: fine, password: x}
`;
    const cannot = (user: string): string =>
      `user ${user} of directory people cannot log in: identity.format tyke cannot carry that name, role or group`;
    expect(warningsOf({ address: '127.0.0.1:80', rest })).toEqual([
      plainText,
      cannot('a:b'),
      cannot('b'),
      cannot('zoë'),
    ]);
  });

  const login = '{path: /login, endpoint: login}';

  it.each([
    ['the same path', '{id: a, path: /x, respond: {}}, {id: b, path: /x/, respond: {}}'],
    [
      'the same exact path and fewer methods',
      '{id: a, exactPath: /x, methods: [GET, POST], respond: {}}, {id: b, exactPath: /x, methods: [GET], respond: {}}',
    ],
    [
      'the same path and fewer hosts',
      '{id: a, host: h, path: /x, respond: {}}, {id: b, host: H, path: /x, respond: {}}',
    ],
  ])('is given for a route that is never reached: %s', (_claim, routes) => {
    expect(warningsOf({ address: '127.0.0.1:80', routes: `${login}, ${routes}` })).toEqual([
      plainText,
      'route b of listener edge is never reached: route a before it takes all of its requests',
    ]);
  });

  it.each([
    ['a more specific path', '{path: /, respond: {}}, {path: /x, respond: {}}'],
    ['an exact path', '{path: /x, respond: {}}, {exactPath: /x, respond: {}}'],
    ['a named host', '{path: /x, respond: {}}, {path: /x, host: h, respond: {}}'],
    [
      'a host under a pattern',
      '{path: /x, host: "*.h", respond: {}}, {path: /x, host: a.h, respond: {}}',
    ],
    ['named methods', '{path: /x, respond: {}}, {path: /x, methods: [GET], respond: {}}'],
    [
      'another method',
      '{path: /x, methods: [GET], respond: {}}, {path: /x, methods: [GET, POST], respond: {}}',
    ],
  ])('is not given for a later route with %s, which wins', (_claim, routes) => {
    expect(warningsOf({ address: '127.0.0.1:80', routes: `${login}, ${routes}` })).toEqual([
      plainText,
    ]);
  });
});
