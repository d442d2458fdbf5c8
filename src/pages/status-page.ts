import type { StatusPageName } from '../http/answer-pages.ts';
import { html, type Markup } from './html.ts';
import type { Layout } from './layout.ts';
import type { Texts } from './texts.ts';

/** What somebody can do next, where there is anything. */
type Way = 'logIn' | 'logOut' | 'home' | 'again';

const ways: Readonly<Partial<Record<StatusPageName, Way>>> = {
  pleaseLogIn: 'logIn',
  sessionEnded: 'logIn',
  loggedOut: 'logIn',
  cookieMissing: 'again',
  logoutConfirm: 'logOut',
  forbidden: 'home',
  notAllowed: 'home',
  crossSite: 'home',
  notFound: 'home',
};

export interface StatusLinks {
  /** Null: nobody knows where one logs in. */
  readonly loginUrl: string | null;
  readonly home: string;
}

/** Says where somebody has come to, and how to go on. */
export function statusPage(name: StatusPageName, links: StatusLinks, texts: Texts): Layout {
  const title = texts.say(`${name}Title`);
  return {
    title,
    body: html`<h1>${title}</h1>
      <p>${texts.say(`${name}Text`)}</p>
      ${wayOn(ways[name], links, texts)}`,
  };
}

function wayOn(way: Way | undefined, { home, loginUrl }: StatusLinks, texts: Texts): Markup | null {
  switch (way) {
    case 'logIn':
      return loginUrl === null ? null : link(loginUrl, texts.say('logInLink'));
    case 'again':
      return link(loginUrl ?? home, texts.say('againLink'));
    case 'home':
      return link(home, texts.say('homeLink'));
    case 'logOut':
      // To the page's own address, whatever a proxy in front of us calls it.
      return html`<form method="post">
        <button type="submit">${texts.say('logOutButton')}</button>
      </form>`;
    case undefined:
      return null;
  }
}

function link(address: string, label: string): Markup {
  return html`<p class="actions"><a class="button" href="${address}">${label}</a></p>`;
}
