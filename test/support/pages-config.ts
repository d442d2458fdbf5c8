import type { PagesConfig } from '../../src/config/pages.ts';

/** The look that pages have unless something else is configured. */
export const pagesConfig: PagesConfig = {
  name: 'Portcullis',
  language: 'en',
  logo: null,
  colours: { accent: '#1c5a8c', background: '#ffffff', text: '#1d2125' },
  texts: { en: {}, de: {} },
};
