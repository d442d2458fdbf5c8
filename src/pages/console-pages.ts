import { createHash } from 'node:crypto';
import { pageLanguages, type PageLanguage } from '../config/page-text-names.ts';
import type { PagesConfig } from '../config/pages.ts';
import type { PageContent } from '../http/answer-pages.ts';
import type { Reply } from '../http/reply.ts';
import { figuresSection } from './console-figures.ts';
import { consoleScript } from './console-script.ts';
import { endFormId, sessionsSection } from './console-sessions.ts';
import type { ConsoleState } from './console-state.ts';
import { consoleStyle } from './console-style.ts';
import { nodesSection, upstreamsSection } from './console-tables.ts';
import { ConsoleTexts } from './console-texts.ts';
import { tokenField } from './form-parts.ts';
import { html, Markup } from './html.ts';
import { languageFor } from './language.ts';

export interface ShownConsole {
  readonly state: ConsoleState;
  /** For the one form. */
  readonly token: string;
  /** How many sessions have just been ended; null: nothing was. */
  readonly ended: number | null;
}

// Exactly the texts that the policy names by their hashes.
const style = new Markup(`<style>${consoleStyle}</style>`);
const script = new Markup(`<script>${consoleScript}</script>`);

const policy = [
  "default-src 'none'",
  `style-src '${hashOf(consoleStyle)}'`,
  `script-src '${hashOf(consoleScript)}'`,
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const fields: Reply['fields'] = [
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Content-Security-Policy', policy],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
];

/** The pages of the console, and the sections of them that move. */
export class ConsolePages {
  readonly #name: string;
  readonly #fallback: PageLanguage;
  readonly #texts: ReadonlyMap<PageLanguage, ConsoleTexts>;

  constructor({ language, name }: Pick<PagesConfig, 'language' | 'name'>) {
    this.#name = name;
    this.#fallback = language;
    this.#texts = new Map(pageLanguages.map((one) => [one, new ConsoleTexts(one)]));
  }

  console(shown: ShownConsole, acceptLanguage: string | undefined): PageContent {
    const texts = this.#textsFor(acceptLanguage);
    const { state, token } = shown;
    const sections = this.#sections(state, texts);
    const { user } = state.sessions;
    const path = user === null ? '/console/end' : `/console/end?user=${encodeURIComponent(user)}`;
    return this.#layOut(
      texts,
      state,
      html`<p
          id="banner"
          class="banner"
          role="status"
          hidden
          data-outage="${texts.say('outage')}"
          data-lost="${texts.say('lost')}"
        ></p>
        ${
          shown.ended !== null &&
          html`<p class="banner done" role="status">
            ${texts.say('ended', { count: String(shown.ended) })}
          </p>`
        }
        <form id="${endFormId}" method="post" action="${path}">${tokenField(token)}</form>
        <section id="figures">${sections.figures}</section>
        <section>
          <div class="head">
            <h2>${texts.say('sessions')}</h2>
            ${searchOf(user, texts)}
          </div>
          <div id="sessions">${sections.sessions}</div>
        </section>
        <div class="columns">
          <section id="nodes">${sections.nodes}</section>
          <section id="upstreams">${sections.upstreams}</section>
        </div>
        ${script}`,
    );
  }

  /** Each by the id of what it fills. */
  sections(
    state: ConsoleState,
    acceptLanguage: string | undefined,
  ): Readonly<Record<string, string>> {
    const sections = this.#sections(state, this.#textsFor(acceptLanguage));
    return Object.fromEntries(Object.entries(sections).map(([id, markup]) => [id, markup.text]));
  }

  /** Somebody who is not staff has come; logging out is the way on. */
  notForYou(user: string, acceptLanguage: string | undefined): PageContent {
    const texts = this.#textsFor(acceptLanguage);
    return this.#layOut(
      texts,
      null,
      html`<section>
        <h2>${texts.say('notForYouTitle')}</h2>
        <p>${texts.say('notForYouText', { user })}</p>
        <form method="post" action="/console/logout">
          <button type="submit">${texts.say('logOut')}</button>
        </form>
      </section>`,
    );
  }

  #sections(state: ConsoleState, texts: ConsoleTexts) {
    return {
      figures: figuresSection(state, texts),
      sessions: sessionsSection(state, texts),
      nodes: nodesSection(state, texts),
      upstreams: upstreamsSection(state, texts),
    };
  }

  #layOut(texts: ConsoleTexts, state: ConsoleState | null, body: Markup): PageContent {
    const title = texts.say('title');
    const markup = html`<!doctype html>
      <html lang="${texts.language}">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="robots" content="noindex" />
          ${state !== null && refreshOf(state)}
          <title>${title} – ${this.#name}</title>
          <link rel="icon" href="data:," />
          ${style}
        </head>
        <body>
          <header>
            <h1>${this.#name} ${title}</h1>
            ${state !== null && headOf(state, texts)}
          </header>
          <main>${body}</main>
        </body>
      </html> `;
    return { fields, body: markup.text };
  }

  #textsFor(acceptLanguage: string | undefined): ConsoleTexts {
    const language = languageFor(acceptLanguage, this.#fallback);
    return this.#texts.get(language) ?? new ConsoleTexts(language);
  }
}

/** Where scripts are off. It says of itself that nobody has done anything. */
function refreshOf({ sessions: { skip, user } }: ConsoleState): Markup {
  const query = new URLSearchParams({ look: '1' });
  if (user !== null) query.set('user', user);
  if (skip > 0) query.set('skip', String(skip));
  const wish = `10;url=/console?${query.toString()}`;
  return html`<noscript><meta http-equiv="refresh" content="${wish}" /></noscript>`;
}

function headOf({ node, staff }: ConsoleState, texts: ConsoleTexts): Markup {
  return html`<span class="faint">${node}</span>
    <form method="post" action="/console/logout">
      <span>${staff.user}</span> <button type="submit">${texts.say('logOut')}</button>
    </form>`;
}

function searchOf(user: string | null, texts: ConsoleTexts): Markup {
  return html`<form class="search" role="search" method="get" action="/console">
    <label class="hidden" for="user">${texts.say('findUser')}</label>
    <input
      id="user"
      name="user"
      type="search"
      value="${user ?? ''}"
      placeholder="${texts.say('findUser')}"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
    />
    <button type="submit">${texts.say('find')}</button>
    ${user !== null && html`<a href="/console">${texts.say('everybody')}</a>`}
  </form>`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
