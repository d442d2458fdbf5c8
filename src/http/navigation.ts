import { prefersHtml } from './accept.ts';

/**
 * Whether somebody looks at the answer in a browser window and wants a page rather than JSON. A browser says so in
 * Sec-Fetch-Mode, which no page can forge; one that sends none of these fields (or no browser) is judged by Accept.
 *
 * `field` gives the first value of a field by its lower-case name.
 */
export function isNavigation(method: string, field: (name: string) => string | undefined): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const mode = field('sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate';
  if (field('sec-fetch-site') !== undefined || field('sec-fetch-dest') !== undefined) return false;
  return prefersHtml(field('accept'));
}
