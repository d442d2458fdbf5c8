import { createRequire } from 'node:module';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageTextNames } from '../../src/config/page-text-names.ts';
import type { PageContent, StatusPageName } from '../../src/http/answer-pages.ts';
import { Pages } from '../../src/pages/pages.ts';
import { launchBrowser, visit } from '../support/browser.ts';
import { projectRoot } from '../support/gateway.ts';
import { patientMs } from '../support/patience.ts';
import { pagesConfig } from '../support/pages-config.ts';

/** What axe says of a page, as far as it is looked at here. */
interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
}

const widths = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };
const languages = ['en', 'de'];
const reports = join(projectRoot, 'reports', 'browser');

const targets = { home: '/', returnHosts: [] };
const logo = `data:image/svg+xml;base64,${Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="180" height="48"><rect width="180" height="48" rx="8" fill="#6b2d5c"/><circle cx="28" cy="24" r="12" fill="#fff"/></svg>',
).toString('base64')}`;
const themed = {
  ...pagesConfig,
  name: 'Klinikum Beispielstadt',
  logo,
  colours: { accent: '#6b2d5c', background: '#fff8ef', text: '#2b1b17' },
};

const statuses = pageTextNames
  .filter((name) => name.endsWith('Title'))
  .map((name) => name.replace(/Title$/, ''))
  .filter((name) => !/^(?:login|sessions|escalate|return)$/.test(name)) as StatusPageName[]; // the rest of the catalogue

type Scene = (pages: Pages, language: string) => PageContent;

const atMs = Date.UTC(2026, 8, 9, 7, 5);
const session = { isOwn: false, actor: null, createdAtMs: atMs, lastSeenAtMs: atMs + 3_600_000 };
const sessions = {
  user: 'anna.mustermann@example.org',
  sessions: [
    { ...session, handle: 'a', isOwn: true },
    { ...session, handle: 'b', actor: 'support.with.a.very.long.name@example.org' },
    { ...session, handle: 'c' },
  ],
};
const empty = { token: 't', username: '', problem: null };
const escalation = { ...empty, isPasswordAsked: false, minutes: 30 };

/** Every page that there is, in every state that looks different. */
const scenes: Readonly<Record<string, Scene>> = {
  ...Object.fromEntries(
    statuses.map((name): [string, Scene] => [
      name,
      (pages, language) => pages.status(name, language, '/auth/login'),
    ]),
  ),
  login: (pages, language) => pages.login({ ...empty, hasEnded: false }, language),
  loginEnded: (pages, language) => pages.login({ ...empty, hasEnded: true }, language),
  ...Object.fromEntries(
    (
      [
        'loginRejected',
        'loginIncomplete',
        'loginExpired',
        'loginThrottled',
        'loginUnavailable',
        'loginFailed',
      ] as const
    ).map((problem): [string, Scene] => [
      problem,
      (pages, language) =>
        pages.login({ token: 't', username: 'anna', problem, hasEnded: false }, language),
    ]),
  ),
  sessions: (pages, language) =>
    pages.sessions({ ...sessions, token: 't', isDone: false }, language),
  sessionsDone: (pages, language) =>
    pages.sessions(
      { ...sessions, sessions: sessions.sessions.slice(0, 1), token: 't', isDone: true },
      language,
    ),
  sessionsWatched: (pages, language) =>
    pages.sessions({ ...sessions, token: null, isDone: false }, language),
  escalate: (pages, language) => pages.escalate(escalation, language),
  escalateRefused: (pages, language) =>
    pages.escalate({ ...escalation, username: 'nobody', problem: 'escalateRefused' }, language),
  escalateReentry: (pages, language) =>
    pages.escalate(
      { ...escalation, isPasswordAsked: true, problem: 'escalateWrongPassword' },
      language,
    ),
  return: (pages, language) =>
    pages.return({ token: 't', user: 'anna', actor: 'support' }, language),
};

/** What must not happen. */
const planted: Scene = (pages, language) => {
  const { body, fields } = pages.status('notFound', language, null);
  return { fields, body: body.replace('</main>', '<input style="color:red"></main>') };
};

/** Some seventy pictures on a machine that has other work, too. */
const galleryMs = patientMs(180_000);

describe('every page', () => {
  let browser: Browser;
  let server: Server;
  let origin: string;
  let axe: string;

  beforeAll(async () => {
    const looks = { plain: new Pages(pagesConfig, targets), themed: new Pages(themed, targets) };
    server = createServer((request, response) => {
      const [, look = '', language = '', name = ''] = (request.url ?? '').split('/');
      const scene = name === 'planted' ? planted : scenes[name];
      if (scene === undefined) {
        response.writeHead(404).end();
        return;
      }
      const { body, fields } = scene(look === 'themed' ? looks.themed : looks.plain, language);
      response.writeHead(200, Object.fromEntries(fields)).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    browser = await launchBrowser();
    await mkdir(reports, { recursive: true });
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  describe.each(Object.entries(widths))('on a %s', (device, viewport) => {
    it.each(languages)(
      'can be used by everybody and breaks no policy, in %s',
      { timeout: galleryMs },
      async (language) => {
        await using guest = await visit(browser, { viewport, origin });
        const { page } = guest;
        const found: unknown[] = [];
        for (const name of Object.keys(scenes)) {
          await page.goto(`${origin}/plain/${language}/${name}`);
          await page.screenshot({ path: join(reports, `${name}-${language}-${device}.png`) });
          await page.evaluate(axe);
          const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run()');
          found.push(
            ...violations.map(({ id, help, nodes }) => ({ name, id, help, html: nodes[0]?.html })),
          );
          const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
          if (wide > viewport.width) found.push({ name, wide });
        }
        expect(found).toEqual([]);
        expect(guest.complaints).toEqual([]);
      },
    );

    it('wears a theme', async () => {
      await using guest = await visit(browser, { viewport, origin });
      const { page } = guest;
      for (const name of ['login', 'loginRejected', 'notFound', 'sessions']) {
        await page.goto(`${origin}/themed/de/${name}`);
        await page.screenshot({ path: join(reports, `themed-${name}-${device}.png`) });
        await page.evaluate(axe);
        const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run()');
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        expect(await page.evaluate("document.querySelector('.logo').naturalWidth")).toBe(180);
      }
      expect(guest.complaints).toEqual([]);
    });
  });

  it('would be found out: a style that the policy does not name, a field without a label', async () => {
    await using guest = await visit(browser, { origin });
    const { page } = guest;
    await page.goto(`${origin}/plain/en/planted`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run()');
    expect(violations.map(({ id }) => id)).toContain('label');
    expect(guest.complaints.join()).toMatch(/Content Security Policy/);
  });

  it('can be walked through with the keyboard', async () => {
    await using guest = await visit(browser, { origin });
    const { page } = guest;
    await page.goto(`${origin}/plain/en/login`);
    const focus = (): Promise<unknown> =>
      page.evaluate('document.activeElement.id || document.activeElement.type');
    expect(await focus()).toBe('username');
    await page.keyboard.press('Tab');
    expect(await focus()).toBe('password');
    await page.keyboard.press('Tab');
    expect(await focus()).toBe('submit');
    await page.goto(`${origin}/plain/en/loginRejected`);
    expect(await focus()).toBe('problem');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focus()).toBe('username');
  });
});
