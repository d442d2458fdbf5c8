import { describe, expect, it } from 'vitest';
import { problemsOf, smallest } from '../../support/config-file.ts';

/** Each addition stands after the six lines of the smallest configuration, so its first line is 7. */
const additions: readonly (readonly [claim: string, yaml: string, problem: string])[] = [
  [
    'an unknown option at the top',
    'answer: tyke\n',
    '7:1: answer: is no option here; did you mean answers?',
  ],
  [
    'an unknown option in a section',
    'cookie:\n  samesite: Lax\n',
    '8:3: cookie.samesite: is no option here; did you mean sameSite?',
  ],
  [
    'an unknown option that is like none',
    'admin:\n  address: 127.0.0.1:1\n  colour: red\n',
    '9:3: admin.colour: is no option here; expected one of address, hosts, secure, site, siteListener',
  ],
  [
    'an unknown option deep inside',
    'sessions:\n  store:\n    sessionMax: 5\n',
    '9:5: sessions.store.sessionMax: is no option here; did you mean sessionsMax?',
  ],
  [
    'a word that is not among those allowed',
    'log:\n  level: inf\n',
    '8:10: log.level: is "inf"; expected one of debug, info, warn, error; did you mean info?',
  ],
  [
    'a number in place of a word',
    'answers: 5\n',
    '7:10: answers: is 5; expected one of modern, tyke',
  ],
  [
    'a duration without a unit',
    'drainTimeout: 30\n',
    '7:15: drainTimeout: is 30; expected a duration such as 30s, from 0s to 1h',
  ],
  [
    'a duration out of its range',
    'sessions:\n  idleTimeout: 31d\n',
    '8:16: sessions.idleTimeout: is "31d"; expected a duration such as 30s, from 1s to 30d',
  ],
  [
    'a size with an unknown unit',
    'login:\n  bodyBytesMax: 1MB\n',
    '8:17: login.bodyBytesMax: is "1MB"; expected a size such as 16KiB, from 256 to 1MiB',
  ],
  [
    'unlimited where there has to be a limit',
    'login:\n  bodyBytesMax: unlimited\n',
    '8:17: login.bodyBytesMax: is "unlimited"; expected a size such as 16KiB, from 256 to 1MiB',
  ],
  [
    'a number out of its range',
    'passwords:\n  threads: 65\n',
    '8:12: passwords.threads: is 65; expected a whole number from 1 to 64',
  ],
  [
    'a fraction',
    'passwords:\n  threads: 1.5\n',
    '8:12: passwords.threads: is 1.5; expected a whole number from 1 to 64',
  ],
  [
    'yes in place of true',
    'accessLog:\n  enabled: yes\n',
    '8:12: accessLog.enabled: is "yes"; expected true or false',
  ],
  [
    'a list in place of a block',
    'log:\n  - info\n',
    '8:3: log: is a list; expected a block of `key: value`',
  ],
  [
    'a word in place of a block',
    'log: info\n',
    '7:6: log: is text; expected a block of `key: value`',
  ],
  [
    'a list in place of named blocks',
    'upstreams:\n  - servers: []\n',
    '8:3: upstreams: is a list; expected a block of `name:` with its options below',
  ],
  [
    'a word in place of a list',
    'staff:\n  roles: admin\n',
    '8:10: staff.roles: is text; expected a list of roles',
  ],
  [
    'an empty item of a list',
    'staff:\n  roles:\n    - boss\n    -\n',
    '10:6: staff.roles[1]: is empty; expected a role of at most 150 characters (in quotes if it looks like a number)',
  ],
  [
    'an address without a port',
    'admin:\n  address: 127.0.0.1\n',
    '8:12: admin.address: is "127.0.0.1"; expected an address such as 127.0.0.1:8081, [::1]:8081, or :8081 for all addresses',
  ],
  [
    'a missing option without a default',
    'admin: {}\n',
    '7:1: admin.address: is missing; expected an address such as 127.0.0.1:8081, [::1]:8081, or :8081 for all addresses',
  ],
  [
    'a name that would not do in a log',
    'upstreams:\n  "a b":\n    servers: [a:1]\n',
    '8:3: upstreams["a b"]: is no name; expected a name of at most 64 letters, digits, - and _ that begins and ends with a letter or digit',
  ],
  [
    'an upstream without servers',
    'upstreams:\n  app:\n    servers: []\n',
    '9:14: upstreams.app.servers: is an empty list; expected a list of at least one server, such as - 127.0.0.1:9000',
  ],
  [
    'an upstream over something else than HTTP',
    'upstreams:\n  app:\n    servers:\n      - a:1\n      - ftp://b:1\n',
    '11:9: upstreams.app.servers[1]: is "ftp://b:1"; expected a server such as 127.0.0.1:9000, https://app.internal:443 or unix:/run/app.sock, or a block of address, weight and backup',
  ],
  [
    'an IPv4 address with a mistake, which DNS would be asked for',
    'upstreams:\n  app:\n    servers: ["10.0.0.256:80"]\n',
    '9:15: upstreams.app.servers[0]: is "10.0.0.256:80"; expected a server such as 127.0.0.1:9000, https://app.internal:443 or unix:/run/app.sock, or a block of address, weight and backup',
  ],
  [
    'a server that is there twice',
    'upstreams:\n  app:\n    servers: ["a:1", "http://a:1/"]\n',
    '9:22: upstreams.app.servers[1]: is a:1 a second time; expected each server once',
  ],
  [
    'an identity field that means something else',
    'identity:\n  field: Cookie\n',
    '8:10: identity.field: is "Cookie"; expected a field name of letters, digits and hyphens that means nothing else yet, such as X-UserInfo',
  ],
  [
    'an origin with a path',
    'login:\n  allowedOrigins: ["https://a.example/"]\n',
    '8:20: login.allowedOrigins[0]: is "https://a.example/"; expected an origin as browsers spell it, such as https://app.example.org (lower case, no path, no default port)',
  ],
  [
    "an origin with its scheme's own port, which no browser sends",
    'login:\n  allowedOrigins: ["https://a.example:443"]\n',
    '8:20: login.allowedOrigins[0]: is "https://a.example:443"; expected an origin as browsers spell it, such as https://app.example.org (lower case, no path, no default port)',
  ],
  [
    'an absolute timeout below the idle one',
    'sessions:\n  idleTimeout: 1h\n  absoluteTimeout: 30m\n',
    '9:20: sessions.absoluteTimeout: is 30m, shorter than idleTimeout; expected at least 1h, or a shorter idleTimeout',
  ],
  [
    'an absolute timeout that only defaults to less',
    'sessions:\n  idleTimeout: 1d\n',
    '7:1: sessions.absoluteTimeout: is 12h, shorter than idleTimeout; expected at least 1d, or a shorter idleTimeout',
  ],
  [
    'touches that come too seldom',
    'sessions:\n  idleTimeout: 10s\n  touchInterval: 6s\n',
    '9:18: sessions.touchInterval: is 6s, more than half of idleTimeout; expected at most 5s, or a longer idleTimeout',
  ],
  [
    'a directory of an unknown type',
    'directories:\n  d:\n    type: kerberos\n',
    '9:11: directories.d.type: does not fit; expected one of static, sqlite, django, ldap, token',
  ],
  [
    'a password that is no hash',
    'directories:\n  d:\n    type: static\n    users:\n      - username: u\n        password: pass1\n',
    '12:19: directories.d.users[0].password: is no argon2id hash; expected what `portcullis hash` prints, or insecurePlainText: true on the directory (demonstrations only)',
  ],
  [
    'a damaged hash, also where plain text is allowed',
    'directories:\n  d:\n    type: static\n    insecurePlainText: true\n    users:\n      - username: u\n        password: $argon2i$v=19$m=1\n',
    '13:19: directories.d.users[0].password: begins like an argon2 hash and is none that is read here; expected $argon2id$v=19$m=…,t=…,p=…$salt$tag, as `portcullis hash` prints it',
  ],
  [
    'a user without a password',
    'directories:\n  d:\n    type: static\n    users:\n      - username: u\n',
    '11:9: directories.d.users[0].password: is missing; expected either password or passwordFile',
  ],
  [
    'a user without a name',
    'directories:\n  d:\n    type: static\n    insecurePlainText: true\n    users:\n      - password: x\n',
    '12:9: directories.d.users[0].username: is missing; expected a user name',
  ],
  [
    'a user name that is there twice in another spelling',
    'directories:\n  d:\n    type: static\n    insecurePlainText: true\n    users:\n      - {username: u, password: x}\n      - {username: ｕ, password: x}\n',
    '13:20: directories.d.users[1].username: is the name of an earlier user; expected each name once in a directory',
  ],
  [
    'a login directory that does not exist',
    'directories:\n  people:\n    type: static\nlogin:\n  directories: [peple]\n',
    '11:17: login.directories[0]: is "peple", which is no directory; did you mean people?',
  ],
  [
    'a login directory that is asked twice',
    'directories:\n  d:\n    type: static\nlogin:\n  directories: [d, d]\n',
    '11:20: login.directories[1]: is "d" again; expected each directory once',
  ],
];

describe('a configuration problem', () => {
  it.each(additions)(
    'is reported with its place and the remedy for %s',
    (_claim, yaml, problem) => {
      expect(problemsOf(smallest + yaml)).toEqual([problem]);
    },
  );

  it('is not there in the smallest configuration', () => {
    expect(problemsOf(smallest)).toEqual([]);
  });

  it.each([
    ['', 'an empty file'],
    ['# nothing yet\n', 'a file of comments'],
    ['listeners:\n', 'a section without content'],
    ['listeners: {}\n', 'an empty section'],
  ])('says that listeners are missing in %j (%s)', (yaml) => {
    const [problem, ...others] = problemsOf(yaml);
    expect(problem).toMatch(/^1:\d+: listeners: is missing; expected at least one listener/);
    expect(others).toEqual([]);
  });

  it('is the whole file where that is a list', () => {
    expect(problemsOf('- a\n')).toEqual([
      '1:1: is no configuration; expected `key: value` lines, listeners: among them',
    ]);
  });

  it('takes a key whose lines are all commented out for no key', () => {
    expect(
      problemsOf(`${smallest}log:\n#  level: debug\nadmin:\nsessions:\n  idleTimeout:\n`),
    ).toEqual([]);
  });

  it('shows a password in an address to nobody', () => {
    const [problem] = problemsOf(`${smallest}upstreams: {a: {servers: ["http://me:word@a:1"]}}\n`);
    expect(problem).toContain('is "http://…@a:1"');
  });

  it('cuts long values short', () => {
    const [problem] = problemsOf(`${smallest}answers: ${'x'.repeat(500)}\n`);
    expect(problem?.length).toBeLessThan(200);
  });
});

describe('all problems of a file', () => {
  const yaml = `answers: old
log: {level: loud, formt: json}
listeners:
  edge:
    adress: 127.0.0.1:80
    timeouts: {head: 1d}
    routes:
      - path: /api
        upstream: ap
      - exactPath: /a//b
        endpoint: logn
      - path: /x
      - exactPath: /v
        endpoint: validate
  control:
    address: \${NOT_SET}:9
    routes: []
upstreams:
  app:
    servers: [ftp://x:1]
sessions:
  idleTimeout: 1h
  absoluteTimeout: 30m
  touchInterval: soon
tokens:
  keys:
    - {id: a, secret: short}
    - {id: a}
cookie: {name: __Host-x, sameSite: lax}
login: {directories: [dmo]}
`;

  it('are reported at once, in the order of the file, sections that do not parse included', () => {
    expect(problemsOf(yaml).map((line) => line.split(';')[0])).toEqual([
      '1:10: answers: is "old"',
      '2:14: log.level: is "loud"',
      '2:20: log.formt: is no option here',
      '4:3: listeners.edge.address: is missing',
      '4:3: listeners.edge.trustedPeers: is missing, so that nobody may ask the validate endpoint',
      '5:5: listeners.edge.adress: is no option here',
      '6:22: listeners.edge.timeouts.head: is "1d"',
      '9:19: listeners.edge.routes[0].upstream: is "ap", which is no upstream',
      '10:20: listeners.edge.routes[1].exactPath: is "/a//b"',
      '11:19: listeners.edge.routes[1].endpoint: is "logn"',
      '12:9: listeners.edge.routes[2]: goes nowhere',
      '16:14: listeners.control.address: needs NOT_SET from the environment, where it is not set',
      '17:13: listeners.control.routes: is an empty list',
      '20:15: upstreams.app.servers[0]: is "ftp://x:1"',
      '23:20: sessions.absoluteTimeout: is 30m, shorter than idleTimeout',
      '24:18: sessions.touchInterval: is "soon"',
      '27:23: tokens.keys[0].secret: has only 5 characters',
      '28:7: tokens.keys[1].secret: is missing',
      '28:12: tokens.keys[1].id: is the id of an earlier key',
      '29:16: cookie.name: is "__Host-x", which browsers refuse in the clear, and listener edge is not secure',
      '29:36: cookie.sameSite: is "lax"',
      '30:23: login.directories[0]: is "dmo", which is no directory',
    ]);
  });

  it('do not include guesses about options that are wrong themselves', () => {
    const wrong = 'sessions:\n  idleTimeout: long\n  absoluteTimeout: 1s\n';
    expect(problemsOf(smallest + wrong)).toHaveLength(1);
  });
});
