import type { FieldNames } from '../http/field-names.ts';
import type { Refusal } from './refusals.ts';
import { LENGTH_UNKNOWN, type RequestHead } from './request-head.ts';
import { readRequestHead, type RequestLimits } from './request-parser.ts';

const LINE_END = /[\r\n]/;

/**
 * Reads the header block of an HTTP/2 request (RFC 9113 §8.3) by writing it down as an HTTP/1.1 head and reading that:
 * one set of rules for both, whatever the framing layer let through. `raw` alternates names and values; pseudo-header
 * fields come first. Returns why it is refused, or null.
 */
export function readHttp2Head(
  raw: readonly string[],
  hasBody: boolean,
  limits: RequestLimits,
  names: FieldNames,
  head: RequestHead,
): Refusal | null {
  let method = '';
  let path = '';
  let authority: string | null = null;
  let lines = '';
  let host: string | null = null;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    // A line end in a name or value would begin a field of its own in the head that we write.
    if (LINE_END.test(name) || LINE_END.test(value)) return 'field-octet';
    if (name === ':method') method = value;
    else if (name === ':path') path = value;
    else if (name === ':authority') authority = value;
    else if (name === ':scheme') continue;
    else if (name.includes(':')) return 'field-name';
    else if (name === 'host' && host === null) host = value;
    else lines += `${name}: ${value}\r\n`;
  }
  // RFC 9113 §8.3.1: Host may repeat :authority; two different ones are two requests in one.
  if (authority !== null && host !== null && authority !== host) return 'host-mismatch';
  const named = authority ?? host;
  const hostLine = named === null ? '' : `Host: ${named}\r\n`;
  const text = `${method} ${path} HTTP/1.1\r\n${hostLine}${lines}\r\n`;
  const refusal = readRequestHead(text, text.length - 4, limits, names, head);
  if (refusal !== null) return refusal;
  // RFC 9113 §8.2.2: the framing layer refuses these, and so do we.
  if (head.isChunked) return 'coding-in-http2';
  // RFC 9113 §8.6: nor is there an Upgrade.
  head.isWebSocket = false;
  head.isChunked = hasBody && head.contentLength === LENGTH_UNKNOWN;
  return null;
}
