import { prefersHtml } from './accept.ts';

/**
 * Whether somebody looks at the answer in a browser window and wants a page rather than JSON. A browser says so in
 * Sec-Fetch-Mode, which no page can forge; one that sends none of these fields (or no browser) is judged by Accept.
 *
 * `request.field` gives the first value of a field by its lower-case name.
 */
export function isNavigation(
  method: string,
  request: { field(name: string): string | undefined },
): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const mode = request.field('sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate';
  if (request.field('sec-fetch-site') !== undefined) return false;
  if (request.field('sec-fetch-dest') !== undefined) return false;
  return prefersHtml(request.field('accept'));
}
