import { describe, expect, it } from 'vitest';
import { unchangedRoutes } from '../../../src/config/unchanged-routes.ts';
import { load } from '../../support/config-file.ts';

const yaml = `listeners:
  edge:
    address: 127.0.0.1:8081
    routes:
      - id: app
        path: /app/
        auth: none
        upstream: app
      - id: other
        path: /other/
        auth: none
        upstream: other
      - id: fixed
        path: /
        respond: {status: 204}
upstreams:
  app:
    servers: [127.0.0.1:9001]
  other:
    servers: [127.0.0.1:9002]
`;

describe('the routes that a new configuration leaves as they were', () => {
  it.each([
    ['nothing is new', '', '', ['app', 'other', 'fixed']],
    ['a route leads elsewhere', '/app/', '/ap/', ['other', 'fixed']],
    ['another upstream has another server', '9002', '9003', ['app', 'fixed']],
    ['a route lets others in', '/other/\n        auth: none', '/other/', ['app', 'fixed']],
    ['the listener is elsewhere', '8081', '8082', []],
    ['the listener has another name', 'edge', 'front', []],
    ['a route is gone', 'id: fixed', 'id: other-one', ['app', 'other']],
    [
      'something else is new',
      'listeners:',
      'drainTimeout: 1s\nlisteners:',
      ['app', 'other', 'fixed'],
    ],
  ])('where %s', (_what, before, after, expected) => {
    const changed = load(yaml.replace(before, after));
    expect([...unchangedRoutes(load(yaml), changed)]).toEqual(expected);
  });
});
