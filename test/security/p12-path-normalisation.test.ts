import { describe, expect, it } from 'vitest';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)('P12: policy and upstream see one path, under %s', (answers) => {
  const scene = useScene({
    answers,
    routes: [{ path: '/strip/', auth: 'none', upstream: 'app', rewrite: '/' }],
  });
  const unauthenticated = answers === 'modern' ? 401 : 403;

  it.each([
    '/public/../admin',
    '/public/%2e%2e/admin',
    '/public/%2E%2E/admin',
    '/public/.%2e/admin',
    '/public/./../admin',
    '/public/x/../../admin',
    '/public/..//admin',
    '//public//..//admin',
    '/public/%2e%2e/%61dmin',
    '/publicity',
    '/public.',
    '/PUBLIC/x',
  ])('%s needs a session like the path it means', async (target) => {
    await scene.declines(request('GET', target), unauthenticated);
  });

  it.each([
    ['an encoded slash', '/public/..%2fadmin'],
    ['an encoded slash in capitals', '/public/%2Fadmin'],
    ['an encoded backslash', '/public/..%5cadmin'],
    ['a broken escape', '/public/%zz'],
    ['half an escape', '/public/%2'],
    ['a lone per cent sign', '/public/%'],
    ['parameters that hide a step up', '/public/..;/admin'],
    ['parameters that hide one later', '/public/a/..;x=y/..;/admin'],
    ['parameters that change the route', '/public;x/a'],
  ])('%s is 400 and closes', async (_kind, target) => {
    await scene.refuses(request('GET', target), 400);
  });

  it.each([
    ['/public/./x', '/public/x'],
    ['/public/%2e/x', '/public/x'],
    ['/public/y/../x', '/public/x'],
    ['/%70ublic/x', '/public/x'],
    ['/public/%7Euser', '/public/~user'],
    ['/public/%2d%5f%41', '/public/-_A'],
    ['/admin/../public/x', '/public/x'],
    ['/../public/x', '/public/x'],
    ['/public/x/..', '/public/'],
    ['/public/x/.', '/public/x/'],
    ['/public/%252e%252e/admin', '/public/%252e%252e/admin'],
    ['/public/%c3%a9', '/public/%C3%A9'],
    ['/public/a%20b', '/public/a%20b'],
    ['/public/a;v=1', '/public/a;v=1'],
    ['/public/...', '/public/...'],
    ['/public/..x', '/public/..x'],
  ])('%s reaches the upstream as %s', async (target, canonical) => {
    expect((await scene.passes(request('GET', target))).target).toBe(canonical);
  });

  it.each([
    ['/strip/x', '/x'],
    ['/strip/', '/'],
    ['/strip', '/'],
    ['/strip//evil/x', '/evil/x'],
    ['/strip/a/../b', '/b'],
    ['/strip/%2e/x', '/x'],
    ['/strip/x?y=/strip/', '/x?y=/strip/'],
  ])('after its prefix is stripped %s is still canonical: %s', async (target, canonical) => {
    expect((await scene.passes(request('GET', target))).target).toBe(canonical);
  });

  it('a step up out of a stripped prefix is another path', async () => {
    await scene.declines(request('GET', '/strip/../admin'), unauthenticated);
  });
});

describe('P12: an escape that a server may undo leads to no other route', () => {
  const scene = useScene({
    appRoutes: [
      { exactPath: '/@admin', auth: 'session', upstream: 'app' },
      { path: "/it's/", auth: 'session', upstream: 'app' },
      { path: '/a:b/', methods: ['POST'], auth: 'session', upstream: 'app' },
      { path: '/', auth: 'none', upstream: 'app' },
    ],
  });

  it.each(['/%40admin', '/%40admin?x', '/x/../%40admin', '/it%27s/x', '/%69t%27%73'])(
    '%s is 400 beside the route that it means',
    async (target) => {
      await scene.refuses(request('GET', target), 400);
    },
  );

  it('the path itself needs a session', async () => {
    await scene.declines(request('GET', '/@admin'), 401);
    await scene.declines(request('GET', "/it's/x"), 401);
  });

  it('the methods of a route count as well', async () => {
    await scene.refuses(request('POST', '/a%3ab/x', ['Content-Length: 0']), 400);
    expect((await scene.passes(request('GET', '/a%3ab/x'))).target).toBe('/a%3Ab/x');
  });

  it.each([
    ['/%40other', '/%40other'],
    ['/x/%40admin', '/x/%40admin'],
    ['/@other/%5b%5D', '/@other/%5B%5D'],
    ['/%2540admin', '/%2540admin'],
  ])('%s passes as %s where all readings mean one route', async (target, canonical) => {
    expect((await scene.passes(request('GET', target))).target).toBe(canonical);
  });
});
