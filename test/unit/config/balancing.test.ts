import { describe, expect, it } from 'vitest';
import { load, problemsOf, smallest } from '../../support/config-file.ts';
import { serverAt } from '../../support/upstream-config.ts';

/** Stands after the six lines of the smallest configuration, so its first line is 7. */
const upstream = (lines: string): string =>
  `${smallest}upstreams:\n  app:\n${lines.replace(/^/gm, '    ')}\n`;

describe('an upstream', () => {
  it('takes servers as text and as blocks, Unix sockets and IPv6 among them', () => {
    const yaml = upstream(
      'servers:\n  - 10.0.0.1:80\n  - "[::1]:81"\n  - unix:/run/app.sock\n' +
        '  - {address: https://app.internal:443, weight: 3, backup: true}',
    );
    expect(load(yaml).upstreams[0]?.servers).toEqual([
      serverAt(80, { host: '10.0.0.1' }),
      serverAt(81, { host: '::1' }),
      serverAt(0, { host: 'localhost', socketPath: '/run/app.sock' }),
      serverAt(443, { host: 'app.internal', isSecure: true, weight: 3, isBackup: true }),
    ]);
  });

  it('holds all that it says about balancing', () => {
    const yaml = upstream(
      'servers: [10.0.0.1:80, app.internal:80]\nbalance: hash\nhashBy: header:X-Tenant\n' +
        'stickyCookie: lb\nslowStart: 30s\nhealth: {path: /up, interval: 1s, timeout: 1s, ' +
        'rise: 1, fall: 2, statuses: "204", host: app}\nbreaker: {failurePercent: 20}\n' +
        'names: {servers: ["10.0.0.2", "10.0.0.2:5353", "[::1]:53"], interval: 5s, family: both}',
    );
    expect(load(yaml).upstreams[0]).toMatchObject({
      balance: 'hash',
      hashKey: { by: 'header', field: 'x-tenant' },
      stickyCookie: 'lb',
      slowStartMs: 30_000,
      health: {
        path: '/up',
        host: 'app',
        intervalMs: 1_000,
        timeoutMs: 1_000,
        rise: 1,
        fall: 2,
        statusMin: 204,
        statusMax: 204,
      },
      breaker: { failurePercent: 20, requestsMin: 20, windowMs: 10_000, openForMs: 10_000 },
      names: { servers: ['10.0.0.2', '10.0.0.2:5353', '[::1]:53'], intervalMs: 5_000 },
    });
  });

  it.each([
    [
      'a weight out of its range, in its own line',
      'servers:\n  - {address: 10.0.0.1:80, weight: 0}',
      '10:40: upstreams.app.servers[0].weight: is 0; expected a whole number from 1 to 1000',
    ],
    [
      'an unknown option of a server',
      'servers:\n  - {address: 10.0.0.1:80, weigth: 1}',
      '10:32: upstreams.app.servers[0].weigth: is no option here; did you mean weight?',
    ],
    [
      'a server twice, whichever way it is written',
      'servers:\n  - 10.0.0.1:80\n  - {address: http://10.0.0.1:80}',
      '11:9: upstreams.app.servers[1]: is 10.0.0.1:80 a second time; expected each server once',
    ],
    [
      'servers that are all backups',
      'servers:\n  - {address: 10.0.0.1:80, backup: true}',
      '10:7: upstreams.app.servers: are all backups; expected at least one that is not',
    ],
    [
      'a hashBy without a hash',
      'servers: [10.0.0.1:80]\nhashBy: user',
      '10:5: upstreams.app.hashBy: is there beside balance: roundRobin; expected it only with balance: hash',
    ],
    [
      'a health check that takes longer than its interval',
      'servers: [10.0.0.1:80]\nhealth: {interval: 1s, timeout: 2s}',
      '10:37: upstreams.app.health.timeout: is 2s, longer than interval; expected at most 1s',
    ],
    [
      'a name server that is a name',
      'servers: [10.0.0.1:80]\nnames: {servers: [dns.internal]}',
      '10:23: upstreams.app.names.servers[0]: is "dns.internal"; expected the address of a name server, such as 10.0.0.2, 10.0.0.2:5353 or [::1]:53',
    ],
  ])('has a problem with %s', (_claim, lines, problem) => {
    expect(problemsOf(upstream(lines))).toEqual([problem]);
  });

  it('is warned of name servers that nobody asks, and of a balance of one', () => {
    const yaml = upstream('servers: [10.0.0.1:80]\nbalance: hash\nnames: {servers: ["10.0.0.2"]}');
    expect(load(yaml).warnings.slice(0, 2)).toEqual([
      'upstream app has name servers, but none of its servers has a host name',
      'upstream app has a balance, but one server',
    ]);
  });
});

describe('a rate limit', () => {
  const limited = (route: string): string =>
    'listeners:\n  edge:\n    address: 127.0.0.1:0\n    routes:\n' +
    `      - {path: /, ${route}}\n` +
    'rateLimits:\n  each: {requests: 5}\n  people: {by: user, requests: 5, per: 1m, burst: 9}\n';

  it('has its defaults', () => {
    expect(load(limited('respond: {}, rateLimits: [each]')).rateLimits).toEqual([
      {
        name: 'each',
        key: { by: 'address' },
        requests: 5,
        perMs: 1_000,
        burst: 5,
        keysMax: 100_000,
      },
      {
        name: 'people',
        key: { by: 'user' },
        requests: 5,
        perMs: 60_000,
        burst: 9,
        keysMax: 100_000,
      },
    ]);
  });

  it.each([
    [
      'does not exist',
      'respond: {}, rateLimits: [eahc]',
      '5:45: listeners.edge.routes[0].rateLimits[0]: is "eahc", which is no rate limit; did you mean each?',
    ],
    [
      'is named twice',
      'respond: {}, rateLimits: [each, each]',
      '5:51: listeners.edge.routes[0].rateLimits[1]: is "each" again; expected each limit once',
    ],
    [
      'is by user where nobody logs in',
      'respond: {}, rateLimits: [people]',
      '5:45: listeners.edge.routes[0].rateLimits[0]: is "people", which is by user, and nobody has to log in here; expected a limit by address or header',
    ],
  ])('that %s is a problem', (_claim, route, problem) => {
    expect(problemsOf(limited(route))).toEqual([problem]);
  });
});
