import { dirname, extname, resolve } from 'node:path';
import { contrastOf } from './contrast.ts';
import {
  pageLanguages,
  pageTextNames,
  type PageLanguage,
  type PageTextName,
} from './page-text-names.ts';
import { pagesOptions, type PagesConfig, type PagesOptions } from './pages.ts';
import { partAt, readOptions, suggestion, type Options, type Part } from './read-options.ts';
import { readBytes } from './read.ts';

/** Every page carries it. */
const logoBytesMax = 65_536;
const contrastMin = 4.5;

const mediaTypes: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
};

export function readPages(part: Part, configPath: string): PagesConfig | undefined {
  const options = readOptions(pagesOptions, part);
  if (options === undefined) return undefined;
  const { name, language, colours } = options.value;
  checkColours(options, part);
  return {
    name,
    language,
    logo: readLogo(options, part, configPath),
    colours,
    texts: readTexts(options, part),
  };
}

function checkColours(options: Options<PagesOptions>, part: Part): void {
  if (!options.isSound('colours')) return;
  const { background, ...others } = options.value.colours;
  for (const [name, colour] of Object.entries(others)) {
    const contrast = contrastOf(colour, background);
    if (contrast >= contrastMin) continue;
    const message = `is ${colour}, which has a contrast of ${contrast.toFixed(1)} with the background`;
    const expected = `expected a contrast of at least ${contrastMin}`;
    part.document.problems.add([...part.path, 'colours', name], message, expected);
  }
}

function readLogo(options: Options<PagesOptions>, part: Part, configPath: string): string | null {
  const { logo } = options.value;
  if (logo === undefined || !options.isSound('logo')) return null;
  const { problems } = part.document;
  const read = readBytes(resolve(dirname(configPath), logo));
  const path = [...part.path, 'logo'];
  if (read.kind === 'unreadable') {
    const expected = 'expected a readable picture, relative to this configuration';
    problems.add(path, `names a file that ${read.reason}`, expected);
    return null;
  }
  if (read.bytes.length > logoBytesMax) {
    problems.add(path, `names a file of ${read.bytes.length} bytes`, 'expected at most 64KiB');
    return null;
  }
  const type = mediaTypes[extname(logo).toLowerCase()] ?? '';
  return `data:${type};base64,${read.bytes.toString('base64')}`;
}

function readTexts(options: Options<PagesOptions>, part: Part): PagesConfig['texts'] {
  const { problems } = part.document;
  const texts: Record<PageLanguage, Partial<Record<PageTextName, string>>> = { en: {}, de: {} };
  for (const [language, block] of Object.entries(options.value.texts)) {
    const { path } = partAt(part, 'texts', language);
    if (!isOneOf(pageLanguages, language)) {
      problems.add(path, 'is no language here', suggestion(language, pageLanguages), 'key');
      continue;
    }
    for (const [name, text] of Object.entries(block)) {
      if (isOneOf(pageTextNames, name)) texts[language][name] = text;
      else problems.add([...path, name], 'is no text here', suggestion(name, pageTextNames), 'key');
    }
  }
  return texts;
}

function isOneOf<Word extends string>(words: readonly Word[], word: string): word is Word {
  return words.some((known) => known === word);
}
