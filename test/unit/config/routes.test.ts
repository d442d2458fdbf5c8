import { describe, expect, it } from 'vitest';
import type { RouteConfig } from '../../../src/config/route.ts';
import { load, problemsOf } from '../../support/config-file.ts';

/** One listener with these routes, the first of which stands on line 6, and an upstream `app`. */
function withRoutes(routes: string, listener = ''): string {
  return `listeners:
  edge:
    address: 127.0.0.1:0
    trustedPeers: [127.0.0.1]
    routes:
${routes}
${listener}
upstreams:
  app:
    servers: [127.0.0.1:9000]
`;
}

function routesOf(routes: string): readonly RouteConfig[] {
  return load(withRoutes(routes)).listeners.flatMap((listener) => listener.routes);
}

function routeOf(route: string): RouteConfig {
  const [only] = routesOf(route);
  if (only === undefined) throw new Error('no route');
  return only;
}

describe('a route', () => {
  it('has defaults for all that it does not say', () => {
    expect(routeOf('      - {path: /api/, upstream: app}')).toEqual({
      id: 'edge/0',
      hosts: [],
      methods: [],
      path: { kind: 'prefix', value: '/api/' },
      auth: 'session',
      require: null,
      keepFields: [],
      bodyBytesMax: null,
      serveStaleMs: 0,
      rateLimits: [],
      securityFields: null,
      tokens: null,
      target: {
        kind: 'upstream',
        upstream: 'app',
        rewritePrefix: null,
        isHostPassed: true,
        isAuthorizationKept: false,
        areWebSocketsAllowed: true,
        webSocketOrigins: [],
      },
    });
  });

  it('holds all that it says', () => {
    const yaml = `      - id: shop
        hosts: [Shop.Example.org, "*.example.net", "[::1]"]
        methods: [GET, POST]
        path: /shop/
        auth: session
        require: {roles: [clerk], groups: [north, south]}
        keepFields: [x_tenant]
        upstream: app
        rewrite: /
        passHost: false
        keepAuthorization: true
        webSockets: false
        webSocketOrigins: [https://app.example.org]`;
    expect(routeOf(yaml)).toEqual({
      id: 'shop',
      hosts: ['shop.example.org', '*.example.net', '[::1]'],
      methods: ['GET', 'POST'],
      path: { kind: 'prefix', value: '/shop/' },
      auth: 'session',
      require: {
        roles: ['clerk'],
        groups: ['north', 'south'],
        users: [],
        methods: [],
        allOf: [],
        anyOf: [],
        noneOf: [],
      },
      keepFields: ['x_tenant'],
      bodyBytesMax: null,
      serveStaleMs: 0,
      rateLimits: [],
      securityFields: null,
      tokens: null,
      target: {
        kind: 'upstream',
        upstream: 'app',
        rewritePrefix: '/',
        isHostPassed: false,
        isAuthorizationKept: true,
        areWebSocketsAllowed: false,
        webSocketOrigins: ['https://app.example.org'],
      },
    });
  });

  it('takes one host as a list of one', () => {
    expect(routeOf('      - {path: /, host: A.example, upstream: app}').hosts).toEqual([
      'a.example',
    ]);
  });

  it('gives a fixed answer, of which the body and its type have defaults', () => {
    expect(routeOf('      - {exactPath: /gone, respond: {status: 410}}')).toMatchObject({
      path: { kind: 'exact', value: '/gone' },
      auth: 'none',
      target: { kind: 'respond', status: 410, body: '', contentType: 'text/plain; charset=utf-8' },
    });
  });

  it.each([
    ['login', 'none'],
    ['echo', 'none'],
    ['logout', 'session'],
    ['session', 'session'],
    ['validate', 'session'],
    ['escalate', 'session'],
    ['logoutUser', 'session'],
    ['unknownPath', 'session'],
  ])('to the endpoint %s has auth: %s unless it says otherwise', (endpoint, auth) => {
    expect(routeOf(`      - {path: /, endpoint: ${endpoint}}`).auth).toBe(auth);
  });

  it.each([
    ['echo', 'session'],
    ['unknownPath', 'none'],
  ])('to the endpoint %s may say auth: %s', (endpoint, auth) => {
    expect(routeOf(`      - {path: /, auth: ${auth}, endpoint: ${endpoint}}`).auth).toBe(auth);
  });

  it.each([
    '/',
    '/api',
    '/api/',
    '/a/b.c',
    '/a%20b',
    '/~u/',
    '/a;b=c',
    '/.well-known/x',
    '/%E2%82%AC',
  ])('takes the canonical path %s', (path) => {
    expect(routeOf(`      - {exactPath: '${path}', upstream: app}`).path.value).toBe(path);
  });

  it.each([
    ...[
      'api',
      '//',
      '/a//b',
      '/a/../b',
      '/a/.',
      '/..',
      '/a?b',
      '/a#b',
      '/a b',
      '/%41',
      '/%2f',
      '/%00',
    ],
    ...['/%e2%82%ac', '/a%5Cb', '/100%', '/ä', '/a\\b', ''],
  ])('refuses the path %j, which no normalised path is like', (path) => {
    const problems = problemsOf(withRoutes(`      - exactPath: '${path}'\n        upstream: app`));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^6:20: listeners\.edge\.routes\[0\]\.exactPath: is .*canonical form/,
    );
  });
});

const wrong: readonly (readonly [claim: string, route: string, problem: string])[] = [
  [
    'without a path',
    'upstream: app',
    '6:9: listeners.edge.routes[0]: has no path; expected path: /api/ (and all below) or exactPath: /login',
  ],
  [
    'with two paths',
    'path: /a\n        exactPath: /b\n        upstream: app',
    '7:9: listeners.edge.routes[0].exactPath: is there beside path; expected either path or exactPath',
  ],
  [
    'that goes nowhere',
    'path: /a',
    '6:9: listeners.edge.routes[0]: goes nowhere; expected upstream:, endpoint: or respond:',
  ],
  [
    'that goes to two places',
    'path: /a\n        upstream: app\n        endpoint: echo',
    '8:9: listeners.edge.routes[0].endpoint: is there beside upstream; expected one of upstream, endpoint and respond',
  ],
  [
    'to an unknown upstream',
    'path: /a\n        upstream: ap',
    '7:19: listeners.edge.routes[0].upstream: is "ap", which is no upstream; did you mean app?',
  ],
  [
    'to an unknown endpoint',
    'path: /a\n        endpoint: logoutuser',
    '7:19: listeners.edge.routes[0].endpoint: is "logoutuser"; expected one of login, logout, session, validate, escalate, logoutUser, echo, unknownPath, loginPage, return, sessions, jwks, keyval; did you mean logoutUser?',
  ],
  [
    'to login that asks for a session',
    'path: /a\n        endpoint: login\n        auth: session',
    '8:15: listeners.edge.routes[0].auth: is session, so that nobody could ever log in; expected none, or no auth at all',
  ],
  [
    'about a session that asks for none',
    'path: /a\n        endpoint: escalate\n        auth: none',
    '8:15: listeners.edge.routes[0].auth: is none, but escalate is about a session; expected session, or no auth at all',
  ],
  [
    'that lets in everybody of one role',
    'path: /a\n        upstream: app\n        auth: none\n        require: {roles: [x]}',
    '9:9: listeners.edge.routes[0].require: asks for roles or groups where nobody has to log in; expected auth: session on this route',
  ],
  [
    'that rewrites an exact path',
    'exactPath: /a\n        upstream: app\n        rewrite: /',
    '8:9: listeners.edge.routes[0].rewrite: is there beside exactPath, which has no prefix to replace; expected it only beside path',
  ],
  [
    'that passes the host of a fixed answer',
    'path: /a\n        respond: {status: 200}\n        passHost: true',
    '8:9: listeners.edge.routes[0].passHost: is there on a route without upstream; expected it only where requests are forwarded',
  ],
  [
    'with one host and many',
    'path: /a\n        upstream: app\n        host: a\n        hosts: [b]',
    '8:9: listeners.edge.routes[0].host: is there beside hosts; expected either host or hosts',
  ],
  [
    'for a host with a port',
    'path: /a\n        upstream: app\n        host: a.example:80',
    '8:15: listeners.edge.routes[0].host: is "a.example:80"; expected a host name without a port, such as www.example.org or *.example.org',
  ],
  [
    'for a method in lower case',
    'path: /a\n        upstream: app\n        methods: [get]',
    '8:19: listeners.edge.routes[0].methods[0]: is "get"; expected an HTTP method in upper case, such as GET or POST',
  ],
  [
    'for a method that is never served',
    'path: /a\n        upstream: app\n        methods: [TRACE]',
    '8:19: listeners.edge.routes[0].methods[0]: is "TRACE"; expected an HTTP method in upper case, such as GET or POST',
  ],
  [
    'that keeps another spelling of our identity field',
    'path: /a\n        upstream: app\n        keepFields: [x_userinfo]',
    '8:22: listeners.edge.routes[0].keepFields[0]: is "x_userinfo", which some applications take for X-UserInfo; expected a field that the gateway does not set',
  ],
  [
    'that keeps another spelling of what proxies say',
    'path: /a\n        upstream: app\n        keepFields: [X_Forwarded_For]',
    '8:22: listeners.edge.routes[0].keepFields[0]: is "X_Forwarded_For", which some applications take for X-Forwarded-…; expected a field that the gateway does not set',
  ],
  [
    'that keeps a field which passes anyway',
    'path: /a\n        upstream: app\n        keepFields: [X-Tenant]',
    '8:22: listeners.edge.routes[0].keepFields[0]: is "X-Tenant"; expected a field name with a character that is neither letter, digit nor hyphen',
  ],
  [
    'with a status that ends nothing',
    'path: /a\n        respond: {status: 100}',
    '7:27: listeners.edge.routes[0].respond.status: is 100; expected a whole number from 200 to 599',
  ],
];

describe('a problem of a route', () => {
  it.each(wrong)('is reported for one %s', (_claim, route, problem) => {
    expect(problemsOf(withRoutes(`      - ${route}`))).toEqual([problem]);
  });

  it('is an id that is there twice, also in another listener', () => {
    const second = `  other:
    address: 127.0.0.1:0
    routes:
      - {id: edge/0, path: /, upstream: app}`;
    expect(problemsOf(withRoutes('      - {path: /, upstream: app}', second))).toEqual([
      '10:14: listeners.other.routes[0].id: is "edge/0", the id of an earlier route; expected an id of its own',
    ]);
  });

  it('does not hide the problems of other routes', () => {
    const routes = '      - {path: a, upstream: app}\n      - {path: /b, upstream: nope}';
    expect(problemsOf(withRoutes(routes)).map((line) => line.slice(0, 5))).toEqual([
      '6:16:',
      '7:30:',
    ]);
  });
});
