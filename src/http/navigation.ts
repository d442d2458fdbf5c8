import { prefersHtml } from './accept.ts';

/** Gives the first value of a field by its lower-case name. */
export interface FieldSource {
  field(name: string): string | undefined;
}

/**
 * Whether somebody looks at the answer in a browser window and wants a page rather than JSON. A browser says so in
 * Sec-Fetch-Mode, which no page can forge; one that sends none of these fields (or no browser) is judged by Accept. What
 * a script sends with X-Requested-With, and what wants to become a WebSocket, is nobody's window.
 */
export function wantsPage(request: FieldSource): boolean {
  const mode = request.field('sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate';
  if (request.field('sec-fetch-site') !== undefined) return false;
  if (request.field('sec-fetch-dest') !== undefined) return false;
  if (request.field('x-requested-with') !== undefined) return false;
  if (request.field('upgrade') !== undefined) return false;
  return prefersHtml(request.field('accept'));
}

/**
 * Whether a redirect brings somebody to another page and back: the window itself goes somewhere, by a method that has no
 * effect. What a form posted would be lost on the way, and a frame would show nothing, because nobody may frame our
 * pages.
 */
export function isNavigation(method: string, request: FieldSource): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (!wantsPage(request)) return false;
  const destination = request.field('sec-fetch-dest');
  return destination === undefined || destination === 'document';
}
