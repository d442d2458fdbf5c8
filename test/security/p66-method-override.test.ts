import { describe, expect, it } from 'vitest';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const names = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'];

describe.each(bothAnswers)(
  'P66: no field gets a method past the rules of a route, under %s',
  (answers) => {
    const scene = useScene({
      answers,
      routes: [{ path: '/public/read/', methods: ['GET', 'HEAD'], auth: 'none', upstream: 'app' }],
      appRoutes: [
        { path: '/public/any/', auth: 'none', upstream: 'app' },
        { path: '/public/next', auth: 'none', upstream: 'app' },
        { path: '/public/kept/', auth: 'none', upstream: 'app', methods: ['DELETE'] },
        { path: '/public/probe', auth: 'none', upstream: 'app' },
      ],
    });

    it.each([...names, ...names.map((name) => name.toUpperCase())])(
      '%s is removed where a route names methods',
      async (name) => {
        const received = await scene.passes(request('GET', '/public/read/x', [`${name}: DELETE`]));
        expect(received.head).not.toContain('DELETE');
      },
    );

    it('a method that no route names is 404', async () => {
      await scene.declines(request('DELETE', '/public/read/x'), 404);
    });

    it.each(names)('%s is removed on the neighbours of that route as well', async (name) => {
      const received = await scene.passes(request('POST', '/public/any/x', [`${name}: DELETE`]));
      expect(received.head).not.toContain('DELETE');
    });
  },
);

describe('P66: no field gets a method past the condition of a route', () => {
  const scene = useScene({
    routes: [{ path: '/far/', require: { anyOf: [{ methods: ['GET'] }] }, upstream: 'app' }],
    appRoutes: [{ path: '/public/', auth: 'none', upstream: 'app' }],
  });

  it.each(names)('%s is removed everywhere', async (name) => {
    const received = await scene.passes(request('POST', '/public/x', [`${name}: DELETE`]));
    expect(received.head).not.toContain('DELETE');
  });
});

describe('P66: where a listener has no rule about methods', () => {
  const scene = useScene({ appRoutes: [{ path: '/public/', auth: 'none', upstream: 'app' }] });

  it.each(names)('%s is a field like others', async (name) => {
    const received = await scene.passes(request('POST', '/public/x', [`${name}: PUT`]));
    expect(received.values(name)).toEqual(['PUT']);
  });
});
