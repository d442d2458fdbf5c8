import { pageLanguages, type PageLanguage } from '../config/page-text-names.ts';

/** No browser lists more, and what is longer is not worth reading. */
const rangesMax = 20;

/** The language of ours that an Accept-Language field gives the highest weight (RFC 9110 §12.5.4), the first of equals. */
export function languageFor(field: string | undefined, fallback: PageLanguage): PageLanguage {
  let best = fallback;
  let bestWeight = 0;
  for (const range of (field ?? '').split(',', rangesMax)) {
    const [tag = '', parameter = ''] = range.split(';');
    const primary = tag.trim().toLowerCase().split('-', 1)[0];
    const language = pageLanguages.find((known) => known === primary);
    const weight = weightOf(parameter);
    if (language === undefined || weight <= bestWeight) continue;
    best = language;
    bestWeight = weight;
  }
  return best;
}

function weightOf(parameter: string): number {
  const [name = '', value = ''] = parameter.split('=');
  if (name.trim().toLowerCase() !== 'q') return 1;
  const weight = Number(value.trim());
  return weight >= 0 && weight <= 1 ? weight : 0;
}
