import { nodeHttp } from '../lib/node-http.ts';

/** The methods that Node's own parser knows: whatever we let through, an upstream in Node can read. */
const KNOWN: ReadonlySet<string> = new Set(nodeHttp.METHODS);

/** The method that `text[0, end)` is, or null if nobody knows it. The usual one costs no string and no look-up. */
export function knownMethod(text: string, end: number): string | null {
  if (end === 3 && text.startsWith('GET')) return 'GET';
  const method = text.slice(0, end);
  return KNOWN.has(method) ? method : null;
}

/** Refused with 405 on every lane: one asks for a tunnel, the other echoes credentials. */
export function isForbiddenMethod(method: string): boolean {
  return method === 'CONNECT' || method === 'TRACE';
}

/** A request without a body says so with `Content-Length: 0` for these (RFC 9110 §8.6). */
export function expectsBody(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

/** May be sent a second time when no byte of an answer came: no effect, and no body under way. */
export function isRetryable(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
