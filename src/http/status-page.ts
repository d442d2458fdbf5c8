import { createHash } from 'node:crypto';

/** What one of our pages says: plain text, escaped here and nowhere else. */
export interface StatusPage {
  readonly title: string;
  readonly text: string;
  /** The label of a button that posts to the page's own address, whatever a proxy in front of us calls it. */
  readonly button?: string;
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem;color:#222}' +
  'h1{font-size:1.4rem}button{font:inherit;padding:.4rem 1rem}';

/**
 * Everything a page of ours may do: nothing but wear its one style, named by its hash, and post its own form. Nobody
 * may frame it, or a click on it could be stolen.
 */
const CONTENT_SECURITY_POLICY =
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The fields that go with every page of ours. */
export const PAGE_FIELDS: readonly (readonly [name: string, value: string])[] = [
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Content-Security-Policy', CONTENT_SECURITY_POLICY],
  ['X-Content-Type-Options', 'nosniff'],
  // Not `no-referrer`: under that a browser posts the form with `Origin: null`, which the origin check refuses.
  ['Referrer-Policy', 'same-origin'],
];

/** A whole page, without a single outside asset. */
export function renderStatusPage(page: StatusPage): string {
  const { title, text, button } = page;
  const form =
    button === undefined
      ? ''
      : `<form method="post"><button type="submit">${escapeHtml(button)}</button></form>\n`;
  return (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n' +
    '<meta name="viewport" content="width=device-width">\n' +
    `<title>${escapeHtml(title)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n` +
    `<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(text)}</p>\n${form}</body>\n</html>\n`
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe between tags and in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
