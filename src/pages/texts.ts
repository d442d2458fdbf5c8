import type { PageLanguage, PageTextName } from '../config/page-text-names.ts';
import type { PagesConfig } from '../config/pages.ts';
import { germanTexts } from './texts-de.ts';
import { englishTexts } from './texts-en.ts';

const shipped: Readonly<Record<PageLanguage, Readonly<Record<PageTextName, string>>>> = {
  en: englishTexts,
  de: germanTexts,
};

/** What goes into the holes of a text. */
export type TextFacts = Readonly<Record<string, string>>;

/** The texts of one language. Plain text: the template that a text goes into escapes it. */
export class Texts {
  readonly language: PageLanguage;
  readonly #texts: Readonly<Record<PageTextName, string>>;
  readonly #name: string;

  constructor(language: PageLanguage, config: Pick<PagesConfig, 'name' | 'texts'>) {
    this.language = language;
    this.#texts = { ...shipped[language], ...config.texts[language] };
    this.#name = config.name;
  }

  say(name: PageTextName, facts: TextFacts = {}): string {
    return this.#texts[name].replace(/\{(\w+)\}/g, (hole, key: string) =>
      key === 'name' ? this.#name : (facts[key] ?? hole),
    );
  }

  /** UTC, and saying so: without scripts nobody knows where the reader is. */
  time(atMs: number): string {
    return formatOf(this.language).format(new Date(atMs));
  }
}

const locales: Readonly<Record<PageLanguage, string>> = { en: 'en-GB', de: 'de-DE' };

/** Made when a time is first written: with the first one Node reads 5 MiB about languages. */
const formats = new Map<PageLanguage, Intl.DateTimeFormat>();

function formatOf(language: PageLanguage): Intl.DateTimeFormat {
  const known = formats.get(language);
  if (known !== undefined) return known;
  const made = formatFor(locales[language]);
  formats.set(language, made);
  return made;
}

function formatFor(locale: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'UTC',
    timeZoneName: 'short',
  });
}
