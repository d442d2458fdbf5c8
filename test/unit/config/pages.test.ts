import { describe, expect, it } from 'vitest';
import { contrastOf } from '../../../src/config/contrast.ts';
import { load, problemsOf, smallest } from '../../support/config-file.ts';

const withPages = (lines: string): string => `${smallest}pages:\n${lines}`;

describe('the look of the pages', () => {
  it('is read with a logo beside the configuration, which comes to be a part of every page', () => {
    const yaml = withPages(
      '  name: Clinic\n  language: de\n  logo: logo.svg\n  colours: {accent: "#AA0000"}\n' +
        '  texts:\n    de: {loginTitle: Hereinspaziert}\n',
    );
    const { pages } = load(yaml, { files: { 'logo.svg': '<svg/>' } });
    expect(pages).toEqual({
      name: 'Clinic',
      language: 'de',
      logo: `data:image/svg+xml;base64,${btoa('<svg/>')}`,
      colours: { accent: '#aa0000', background: '#ffffff', text: '#1d2125' },
      texts: { en: {}, de: { loginTitle: 'Hereinspaziert' } },
    });
    expect(Object.isFrozen(pages.texts.de)).toBe(true);
  });

  it.each([
    ['  texts: {fr: {}}', /pages\.texts\.fr: is no language here; expected one of en, de/],
    [
      '  texts: {de: {loginTitel: x}}',
      /pages\.texts\.de\.loginTitel: is no text here; did you mean loginTitle\?/,
    ],
    ['  texts: {de: {loginTitle: 1}}', /pages\.texts/],
    ['  logo: gone.png', /pages\.logo: names a file that does not exist/],
    ['  logo: logo.gif', /pages\.logo: is "logo\.gif"; expected the path of an SVG/],
    ['  logo: large.png', /pages\.logo: names a file of 70000 bytes; expected at most 64KiB/],
    [
      '  colours: {text: "#999999"}',
      /pages\.colours\.text: is #999999, which has a contrast of 2\.8/,
    ],
    [
      '  colours: {accent: "#ffff00"}',
      /pages\.colours\.accent: is #ffff00, which has a contrast of 1\.1/,
    ],
    ['  colours: {accent: red}', /pages\.colours\.accent|pages\.colours/],
    ['  language: fr', /pages\.language: is "fr"; expected one of en, de/],
    ['  name: ""', /pages\.name/],
    ['  style: x', /pages\.style: is no option here/],
  ])('is refused where nobody could see it: %s', (lines, expected) => {
    const files = { 'large.png': new Uint8Array(70_000), 'logo.gif': 'x' };
    const problems = problemsOf(withPages(`${lines}\n`), { files });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  it('measures contrast as WCAG does', () => {
    expect(contrastOf('#000000', '#ffffff')).toBe(21);
    expect(contrastOf('#ffffff', '#ffffff')).toBe(1);
    expect(contrastOf('#777777', '#ffffff').toFixed(2)).toBe('4.48');
  });
});

describe('a login page', () => {
  const route = (text: string): string =>
    smallest.replace('path: /\n        respond: {status: 204}', text);

  it('has an address, and lets everybody in', () => {
    const config = load(route('exactPath: /login\n        endpoint: loginPage'));
    expect(config.listeners[0]?.routes[0]).toMatchObject({
      auth: 'none',
      target: { kind: 'endpoint', endpoint: 'loginPage' },
    });
  });

  it.each([
    [
      'path: /login/\n        endpoint: loginPage',
      /path: is there for a loginPage; expected exactPath/,
    ],
    [
      'exactPath: /login\n        methods: [POST]\n        endpoint: loginPage',
      /methods: leave out GET or POST/,
    ],
    [
      'exactPath: /login\n        auth: session\n        endpoint: loginPage',
      /auth: is session, so that nobody/,
    ],
  ])('is refused where nobody could use it: %j', (text, expected) => {
    const problems = problemsOf(route(text));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  it('is not there under the answers of Tyke', () => {
    const yaml = `answers: tyke\n${route('exactPath: /login\n        endpoint: loginPage')}`;
    expect(problemsOf(yaml)).toEqual([
      expect.stringContaining('endpoint: is loginPage, and there are no pages under answers: tyke'),
    ]);
  });
});

describe('where a login leads', () => {
  it.each([
    ['home: //evil', 'home'],
    ['home: https://x', 'home'],
    ['home: "/x y"', 'home'],
    ['url: //evil', 'url'],
    ['url: "javascript:alert(1)"', 'url'],
    ['returnHosts: [https://app.example.org]', 'returnHosts[0]'],
    ['returnHosts: ["*.example.org"]', 'returnHosts[0]'],
    ['returnHosts: [APP.example.org]', 'returnHosts[0]'],
  ])('is an address that leads nowhere else: %s', (line, path) => {
    const problems = problemsOf(`${smallest}login: {${line}}\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`login.${path}: `);
  });

  it('is home unless something else is said', () => {
    const yaml = `${smallest}login: {url: 'https://www.example.org/in', home: /a, returnHosts: ['b.example:8443']}\n`;
    expect(load(yaml).login).toMatchObject({
      url: 'https://www.example.org/in',
      home: '/a',
      returnHosts: ['b.example:8443'],
    });
  });
});

describe('the conditions of a route', () => {
  const requiring = (text: string): string =>
    smallest.replace(
      'respond: {status: 204}',
      `auth: session\n        respond: {}\n        require: ${text}`,
    );

  it('may be combined', () => {
    const yaml = requiring(
      '{users: [ann], allOf: [{groups: [a]}], anyOf: [{roles: [r], methods: [GET]}], noneOf: [{users: [eve]}]}',
    );
    const none = { roles: [], groups: [], users: [], methods: [] };
    expect(load(yaml).listeners[0]?.routes[0]?.require).toEqual({
      ...{ ...none, users: ['ann'] },
      allOf: [{ ...none, groups: ['a'] }],
      anyOf: [{ ...none, roles: ['r'], methods: ['GET'] }],
      noneOf: [{ ...none, users: ['eve'] }],
    });
  });

  it.each([
    ['{anyOf: [{}]}', /require\.anyOf\[0\]: is a block; expected a block with at least one of/],
    [
      '{noneOf: [{roles: []}]}',
      /require\.noneOf\[0\]: is a block; expected a block with at least one of/,
    ],
    ['{anyOf: {roles: [x]}}', /require\.anyOf: is a block; expected a list of conditions/],
    ['{methods: [get]}', /require\.methods\[0\]/],
    [
      '{anyOf: [{role: [x]}]}',
      /require\.anyOf\[0\]\.role: is no option here; did you mean roles\?/,
    ],
  ])('that everybody meets, or nobody can read, are refused: %s', (text, expected) => {
    const problems = problemsOf(requiring(text));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });
});
