import type { Refusal } from './refusals.ts';

/** Room for method and version beside a target of the longest kind. */
const REQUEST_LINE_REST = 64;

/**
 * Why a part of a head can never become a whole one, or null while it still can. Without this a client that ends its
 * lines in another way would wait for its time-out instead of being told.
 */
export function refusalOfPartialHead(
  text: string,
  start: number,
  limits: { readonly headBytesMax: number; readonly targetBytesMax: number },
): Refusal | null {
  const lineEnd = text.indexOf('\n', start);
  const length = text.length - start;
  if (lineEnd < 0 && length > limits.targetBytesMax + REQUEST_LINE_REST) return 'target-too-long';
  if (length > limits.headBytesMax) return 'head-too-large';
  if (!hasBareLineFeed(text, start)) return null;
  return text.slice(start, lineEnd).includes(' HTTP/1.') ? 'bare-line-feed' : 'version';
}

/** Some parsers end a line there, others do not (RFC 9112 §2.2). */
function hasBareLineFeed(text: string, start: number): boolean {
  for (let at = text.indexOf('\n', start); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (text.charCodeAt(at - 1) !== 0x0d) return true;
  }
  return false;
}
