import type { PageContent } from '../http/answer-pages.ts';
import { html, type Markup } from './html.ts';
import type { Texts } from './texts.ts';
import type { Theme } from './theme.ts';

/** What differs between pages. */
export interface Layout {
  readonly title: string;
  readonly body: Markup;
  /** A list needs more room than a form. */
  readonly isWide?: boolean;
}

/** A whole page, without a single outside asset. */
export function layOut(page: Layout, texts: Texts, theme: Theme): PageContent {
  const heading = theme.logo ?? html`<p class="site">${theme.name}</p>`;
  const markup = html`<!doctype html>
    <html lang="${texts.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${page.title} – ${theme.name}</title>
        <link rel="icon" href="data:," />
        ${theme.style}
      </head>
      <body>
        <main class="${page.isWide === true ? 'wide' : 'narrow'}">${heading} ${page.body}</main>
      </body>
    </html> `;
  return { fields: theme.fields, body: markup.text };
}
