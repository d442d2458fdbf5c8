import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pageTextNames } from '../../../src/config/page-text-names.ts';
import type { PageContent, StatusPageName } from '../../../src/http/answer-pages.ts';
import { html } from '../../../src/pages/html.ts';
import { Pages } from '../../../src/pages/pages.ts';
import { germanTexts } from '../../../src/pages/texts-de.ts';
import { englishTexts } from '../../../src/pages/texts-en.ts';
import { pagesConfig } from '../../support/pages-config.ts';

const targets = { home: '/start', returnHosts: ['app.example'] };
const pages = new Pages(pagesConfig, targets);
const session = { handle: 'h1', isOwn: true, actor: null, createdAtMs: 0, lastSeenAtMs: 60_000 };
const names = pageTextNames
  .filter(
    (name) =>
      name.endsWith('Text') &&
      pageTextNames.some((other) => other === name.replace(/Text$/, 'Title')),
  )
  .map((name) => name.replace(/Text$/, ''))
  .filter((name) => !/^(?:sessions|escalate|return)$/.test(name)) as StatusPageName[]; // the three have pages of their own

function everyPage(made: Pages, language: string): PageContent[] {
  return [
    ...names.map((name) => made.status(name, language, '/login')),
    made.login({ token: 't', username: 'u', problem: 'loginRejected', hasEnded: false }, language),
    made.login({ token: 't', username: '', problem: null, hasEnded: true }, language),
    made.sessions(
      { user: 'u', token: 't', isDone: true, sessions: [session, { ...session, isOwn: false }] },
      language,
    ),
    made.escalate(
      { token: 't', username: '', problem: null, isPasswordAsked: true, minutes: 30 },
      language,
    ),
    made.return({ token: 't', user: 'u', actor: 'a' }, language),
  ];
}

describe('a template', () => {
  it('escapes what it is given, between tags and in attributes', () => {
    const evil = `<b>"&'`;
    expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
      '<p title="&lt;b&gt;&quot;&amp;&#39;">&lt;b&gt;&quot;&amp;&#39;</p>',
    );
  });

  it('takes templates as they are, lists one by one, and nothing for nothing', () => {
    const list = ['<', html`<i>${1}</i>`, null, undefined, false] as const;
    expect(html`${list}${''}`.text).toBe('&lt;<i>1</i>');
  });
});

describe.each(['en', 'de'])('every page in %s', (language) => {
  it('wears exactly the style that its policy names, and brings everything along', () => {
    for (const { body, fields } of everyPage(pages, language)) {
      const policy = new Map(fields).get('Content-Security-Policy') ?? '';
      const style = /<style>(.*)<\/style>/s.exec(body)?.[1] ?? '';
      const digest = createHash('sha256').update(style).digest('base64');
      expect(policy).toContain(`style-src 'sha256-${digest}'`);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("form-action 'self' https://app.example;");
      expect(body).not.toMatch(/https?:|@import|url\(|<script|style=| on[a-z]+=/);
      expect(new Map(fields).get('Referrer-Policy')).toBe('same-origin');
    }
  });

  it('says its language, its title and nothing that it has no words for', () => {
    for (const { body } of everyPage(pages, language)) {
      expect(body).toContain(`<html lang="${language}">`);
      expect(body).toMatch(/<title>.+ – Portcullis<\/title>/);
      expect(body).toContain('name="viewport"');
      expect(body.match(/<h1>/g)).toHaveLength(1);
      expect(body).not.toMatch(/undefined|\[object|\{\w+\}/);
    }
  });

  it('escapes the names of people and sites, and texts of the configuration', () => {
    const evil = '"><script>alert(1)</script>';
    const texts = Object.fromEntries(pageTextNames.map((name) => [name, `${evil}{user}{actor}`]));
    const config = { ...pagesConfig, name: evil, texts: { en: texts, de: texts } };
    const made = new Pages(config, targets);
    const list = {
      user: evil,
      token: evil,
      isDone: true,
      sessions: [{ ...session, isOwn: false, handle: evil, actor: evil }],
    };
    const shown = [
      ...everyPage(made, language),
      made.login(
        { token: evil, username: evil, problem: 'loginRejected', hasEnded: false },
        language,
      ),
      made.sessions(list, language),
      made.return({ token: evil, user: evil, actor: evil }, language),
      made.status('loggedOut', language, evil),
    ];
    for (const { body } of shown) expect(body).not.toMatch(/<script|"><s/);
  });
});

describe('the texts', () => {
  it('have the same holes in both languages', () => {
    const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();
    for (const name of pageTextNames) {
      expect(holes(germanTexts[name]), name).toEqual(holes(englishTexts[name]));
    }
  });

  it('can be replaced one by one, with the name of the site in them', () => {
    const texts = { en: { notFoundTitle: 'Lost in {name}' }, de: {} };
    const made = new Pages({ ...pagesConfig, name: 'Shop', texts }, targets);
    expect(made.status('notFound', 'en', null).body).toContain('<h1>Lost in Shop</h1>');
    expect(made.status('notFound', 'de', null).body).toContain('<h1>Hier ist nichts</h1>');
  });
});

describe('the language', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['en-GB,de;q=0.9', 'en'],
    ['fr, de;q=0.3', 'de'],
    ['fr', 'en'],
    ['de;q=0', 'en'],
    ['en;q=0.4, DE;q=0.5', 'de'],
    ['*', 'en'],
    ['de;q=nonsense', 'en'],
    [`${'x,'.repeat(50)}de`, 'en'],
  ])('is read from Accept-Language: %s gives %s', (field, expected) => {
    expect(pages.languageFor(field)).toBe(expected);
  });

  it('is otherwise what the configuration says', () => {
    expect(new Pages({ ...pagesConfig, language: 'de' }, targets).languageFor('fr')).toBe('de');
  });
});

describe('links and logos', () => {
  it('lead to the login page where there is one', () => {
    expect(pages.status('loggedOut', 'en', '/auth/login').body).toContain('href="/auth/login"');
    expect(pages.status('loggedOut', 'en', null).body).not.toContain('<a ');
    expect(pages.status('notFound', 'en', null).body).toContain('href="/start"');
  });

  it('are shown within the page', () => {
    const made = new Pages({ ...pagesConfig, logo: 'data:image/png;base64,AA==' }, targets);
    const { body, fields } = made.status('notFound', 'en', null);
    expect(body).toContain(
      '<img class="logo" src="data:image/png;base64,AA==" alt="Portcullis" />',
    );
    expect(new Map(fields).get('Content-Security-Policy')).toContain('img-src data:');
  });

  it('and buttons can be read on every accent', () => {
    const colours = {
      ...pagesConfig.colours,
      accent: '#ffd800',
      background: '#000000',
      text: '#ffffff',
    };
    const { body } = new Pages({ ...pagesConfig, colours }, targets).status('notFound', 'en', null);
    expect(body).toContain('color:#000;background:#ffd800');
  });
});
