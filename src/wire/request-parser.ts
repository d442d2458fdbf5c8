import { withoutBlanks } from '../http/blank.ts';
import { FieldId, isToken, type FieldNames } from '../http/field-names.ts';
import { canonicalHost } from '../http/host.ts';
import { flatString } from '../lib/flat-string.ts';
import { isForbiddenMethod, knownMethod } from '../http/methods.ts';
import { readConnectionField } from './connection-field.ts';
import { readContentLength } from './content-length.ts';
import { readFieldLines } from './field-lines.ts';
import type { Refusal } from './refusals.ts';
import { LENGTH_UNKNOWN, type RequestHead } from './request-head.ts';
import { isWebSocketHandshake } from './websocket-handshake.ts';

export interface RequestLimits {
  readonly fieldsMax: number;
  readonly targetBytesMax: number;
  /** 0: unlimited. */
  readonly bodyBytesMax: number;
}

/**
 * Reads one request head out of `text` (latin1) into `head`: the unambiguous part of RFC 9112 and nothing else. `end` is
 * where the empty line's CRLFCRLF begins; `isClean`: `cleanHeadEnd` has said so. Returns the reason for refusal, or null. On a refusal `head` is half-read.
 */
export function readRequestHead(
  text: string,
  end: number,
  limits: RequestLimits,
  names: FieldNames,
  head: RequestHead,
  isClean = false,
): Refusal | null {
  head.reset(text);
  let lineEnd = text.indexOf('\r\n');
  if (lineEnd < 0 || lineEnd > end) lineEnd = end;
  const problem = readRequestLine(text, lineEnd, limits, head);
  if (problem !== null) return problem;
  return (
    readFieldLines(text, lineEnd + 2, end, limits.fieldsMax, names, head.fields, isClean) ??
    judgeFields(head, limits)
  );
}

/** RFC 9112 §3: method, one blank, target, one blank, version; no lenient white space. */
function readRequestLine(
  text: string,
  end: number,
  limits: RequestLimits,
  head: RequestHead,
): Refusal | null {
  const first = text.indexOf(' ');
  if (first <= 0 || first > end) return 'request-line';
  const method = knownMethod(text, first);
  if (method === null) return isToken(text.slice(0, first)) ? 'method-unknown' : 'request-line';
  // The last blank, not the second: a blank within the target is then the target's fault, and a line without a version
  // (HTTP/0.9, or a bare LF that hides the next line) has the wrong version.
  const last = text.lastIndexOf(' ', end - 1);
  if (last === first) return 'version';
  const version = text.slice(last + 1, end);
  if (version === 'HTTP/1.1') head.minor = 1;
  else if (version === 'HTTP/1.0') head.minor = 0;
  else return 'version';
  if (last - first - 1 > limits.targetBytesMax) return 'target-too-long';
  head.method = method;
  head.target = text.slice(first + 1, last);
  return isForbiddenMethod(method) ? 'method-forbidden' : null;
}

/** What the fields say of the message itself: host, framing, persistence. Duplicates that readers resolve differently are refused. */
function judgeFields(head: RequestHead, limits: RequestLimits): Refusal | null {
  const { fields } = head;
  let hosts = 0;
  let authorizations = 0;
  let isUpgradeAsked = false;
  for (let index = 0; index < fields.count; index++) {
    let problem: Refusal | null = null;
    switch (fields.name(index).id) {
      case FieldId.host:
        if (++hosts > 1) return 'host-duplicate';
        problem = readHost(fields.value(index), head);
        break;
      case FieldId.contentLength:
        problem = readLength(fields.value(index), head);
        break;
      case FieldId.transferEncoding:
        // A blank behind `chunked` hides it from some readers.
        problem = fields.hasBlankBehind(index)
          ? 'coding-malformed'
          : readCoding(fields.value(index), head);
        break;
      case FieldId.connection:
        readConnectionField(fields.value(index), head);
        // The same for `keep-alive`, which only HTTP/1.0 needs.
        if (head.minor === 0 && fields.hasBlankBehind(index)) head.isCloseAsked = true;
        break;
      case FieldId.proxyConnection:
        // Never a request of the standard's, but Node's parser heeds it, and closing is always right.
        if (fields.value(index).toLowerCase().includes('close')) head.isCloseAsked = true;
        break;
      case FieldId.authorization:
        if (++authorizations > 1) return 'authorization-duplicate';
        break;
      case FieldId.expect:
        problem = readExpect(fields.value(index), head);
        break;
      case FieldId.cookie:
        head.hasCookie = true;
        break;
      case FieldId.upgrade:
        isUpgradeAsked = true;
        break;
      default:
    }
    if (problem !== null) return problem;
  }
  if (hosts === 0 && head.minor === 1) return 'host-missing';
  if (head.isChunked && head.contentLength !== LENGTH_UNKNOWN) return 'length-and-coding';
  if (limits.bodyBytesMax > 0 && head.contentLength > limits.bodyBytesMax) return 'body-too-large';
  if (isUpgradeAsked && isWebSocketHandshake(head)) {
    head.isWebSocket = true;
    // Whatever the answer is, what comes behind it may be no HTTP.
    head.isCloseAsked = true;
  }
  return null;
}

function readHost(value: string, head: RequestHead): Refusal | null {
  if (value === '') return head.minor === 1 ? 'host-missing' : null;
  if (head.lastHost?.value !== value) {
    const own = flatString(value);
    const canonical = canonicalHost(own);
    if (canonical === null) return 'host-malformed';
    head.lastHost = { value: own, canonical };
  }
  head.host = head.lastHost.canonical.name;
  head.authority = head.lastHost.canonical.authority;
  return null;
}

function readLength(value: string, head: RequestHead): Refusal | null {
  if (head.contentLength !== LENGTH_UNKNOWN) return 'length-duplicate';
  const length = readContentLength(value);
  if (length < 0) return 'length-malformed';
  head.contentLength = length;
  return null;
}

/** Only `chunked`, once (RFC 9112 §6.1): a coding that we do not undo would hide the end of the body. */
function readCoding(value: string, head: RequestHead): Refusal | null {
  if (head.minor === 0) return 'coding-in-http10';
  if (head.isChunked) return 'coding-duplicate';
  if (value.toLowerCase() === 'chunked') {
    head.isChunked = true;
    return null;
  }
  const codings = value.split(',').map((part) => withoutBlanks(part).toLowerCase());
  if (!codings.every((coding) => isToken(coding))) return 'coding-malformed';
  const chunkedAt = codings.indexOf('chunked');
  return chunkedAt < 0 || chunkedAt === codings.length - 1 ? 'coding-unknown' : 'coding-malformed';
}

/** RFC 9110 §10.1.1; HTTP/1.0 has no expectations, a field of that name is ignored there. */
function readExpect(value: string, head: RequestHead): Refusal | null {
  if (head.minor === 0) return null;
  if (value.toLowerCase() !== '100-continue') return 'expect';
  head.isContinueExpected = true;
  return null;
}
