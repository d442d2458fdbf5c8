import type { Refusal } from './refusals.ts';

/** Room for method and version beside a target of the longest kind. */
const REQUEST_LINE_REST = 64;
/** What ends a head. */
export const HEAD_END = '\r\n\r\n';

/**
 * Why a part of a head can never become a whole one, or null while it still can. Without this a client that ends its
 * lines in another way would wait for its time-out instead of being told.
 */
export function refusalOfPartialHead(
  text: string,
  limits: { readonly headBytesMax: number; readonly targetBytesMax: number },
): Refusal | null {
  const lineEnd = text.indexOf('\n');
  const lineBytes = lineEnd < 0 ? text.length : lineEnd;
  if (lineBytes > limits.targetBytesMax + REQUEST_LINE_REST) return 'target-too-long';
  // The empty line is not counted, so a head is too large in pieces only if it is as a whole.
  if (text.length >= limits.headBytesMax + HEAD_END.length) return 'head-too-large';
  if (!hasBareLineFeed(text)) return null;
  return text.slice(0, lineEnd).includes(' HTTP/1.') ? 'bare-line-feed' : 'version';
}

/** Some parsers end a line there, others do not (RFC 9112 §2.2). */
function hasBareLineFeed(text: string): boolean {
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (text.charCodeAt(at - 1) !== 0x0d) return true;
  }
  return false;
}
