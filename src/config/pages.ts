import * as z from 'zod';
import { isPrintable } from '../lib/is-printable.ts';
import { oneOf, optionBlock, text, textThat } from './kinds.ts';
import { pageLanguages, type PageLanguage, type PageTextName } from './page-text-names.ts';

/** How our own pages look and what they say. */
export interface PagesConfig {
  /** What the site is called. */
  readonly name: string;
  /** For browsers that ask for none of ours. */
  readonly language: PageLanguage;
  /** The picture as a `data:` URL; null for none. */
  readonly logo: string | null;
  readonly colours: PageColours;
  /** What replaces the texts that we ship. */
  readonly texts: Readonly<Record<PageLanguage, Readonly<Partial<Record<PageTextName, string>>>>>;
}

/** `#rrggbb` each, lower case. */
export interface PageColours {
  /** Buttons, links, the mark of what has the focus. */
  readonly accent: string;
  readonly background: string;
  readonly text: string;
}

const colour = (what: string) =>
  text(/^#[0-9A-Fa-f]{6}$/, `${what} as #rrggbb (in quotes, because # begins a comment)`).transform(
    (value) => value.toLowerCase(),
  );

const coloursOptions = optionBlock({
  accent: colour('a colour')
    .default('#1c5a8c')
    .describe(
      'Buttons, links and the mark of what has the focus, as `#rrggbb`. Default `#1c5a8c`. What ' +
        'is written on it is black or white, whichever can be read better.',
    ),
  background: colour('a colour')
    .default('#ffffff')
    .describe('What everything is written on, as `#rrggbb`. Default `#ffffff`.'),
  text: colour('a colour')
    .default('#1d2125')
    .describe(
      'What is written, as `#rrggbb`. Default `#1d2125`. Its contrast with the background has ' +
        'to be at least 4.5, or people with weak eyes cannot read it (WCAG 1.4.3).',
    ),
}).describe('The colours of the pages.');

const textsExpected = 'a block of texts for en or de';

export const pagesOptions = optionBlock({
  name: textThat(isPrintable, /^\S(?:.{0,58}\S)?$/, 'a name of at most 60 characters')
    .default('Portcullis')
    .describe(
      'What the site is called, in the titles of the pages. Default `Portcullis`: give it the ' +
        'name under which people know what is behind it.',
    ),
  language: oneOf(pageLanguages)
    .default('en')
    .describe('The language for browsers that ask for none of ours: `en` (the default) or `de`.'),
  logo: text(/^[^\0]+\.(?:svg|png|jpe?g|webp)$/i, 'the path of an SVG, PNG, JPEG or WebP file')
    .optional()
    .describe(
      'A file with a picture to show on every page, at most 64KiB of SVG, PNG, JPEG or WebP; ' +
        'relative to this configuration. It is sent within the page. Default: none.',
    ),
  colours: coloursOptions.prefault({}),
  texts: z
    .record(
      z.string(),
      z.record(
        z.string(),
        z.string({ error: 'text' }).max(2_000, { error: 'at most 2000 characters' }),
        {
          error: textsExpected,
        },
      ),
      { error: textsExpected },
    )
    .default({})
    .describe(
      'Texts in place of ours, by language (`en`, `de`) and name, such as `de: {loginTitle: ' +
        'Anmelden}`. Plain text; `{name}` stands for the name of the site. Default: ours.',
    ),
}).describe('How our own pages look, and what they say. They are shown under `answers: modern`.');

export type PagesOptions = z.output<typeof pagesOptions>;
