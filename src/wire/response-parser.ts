import { FieldId, type FieldNames } from '../http/field-names.ts';
import { readConnectionField } from './connection-field.ts';
import { readContentLength } from './content-length.ts';
import { readFieldLines, type FieldLineProblem } from './field-lines.ts';
import { LENGTH_UNKNOWN } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';

export type ResponseProblem = FieldLineProblem | 'status-line' | 'length' | 'coding' | 'framing';

/**
 * Reads one response head out of `text` (latin1) into `head`, as strictly as a request: what an upstream says in two
 * ways is a 502, never a guess (RFC 9112 §6.3). `method` decides whether there is a body.
 */
export function readResponseHead(
  text: string,
  end: number,
  method: string,
  fieldsMax: number,
  names: FieldNames,
  head: ResponseHead,
  isClean = false,
): ResponseProblem | null {
  head.reset(text);
  let lineEnd = text.indexOf('\r\n');
  if (lineEnd < 0 || lineEnd > end) lineEnd = end;
  if (!readStatusLine(text, lineEnd, head)) return 'status-line';
  const problem = readFieldLines(text, lineEnd + 2, end, fieldsMax, names, head.fields, isClean);
  if (problem !== null) return problem;
  return judgeFraming(method, head);
}

/** `HTTP/1.x SP 3DIGIT SP [reason]`; the blank before an empty reason is often left out, and harmless. */
function readStatusLine(text: string, end: number, head: ResponseHead): boolean {
  if (!text.startsWith('HTTP/1.') || end < 12) return false;
  const minor = text.charCodeAt(7) - 0x30;
  if ((minor !== 0 && minor !== 1) || text.charCodeAt(8) !== 0x20) return false;
  let status = 0;
  for (let at = 9; at < 12; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return false;
    status = status * 10 + digit;
  }
  if (status < 100 || status > 599) return false;
  if (end > 12 && text.charCodeAt(12) !== 0x20) return false;
  for (let at = 13; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 ? code !== 0x09 : code === 0x7f) return false;
  }
  head.minor = minor;
  head.status = status;
  head.reason = text.slice(13, end);
  return true;
}

function judgeFraming(method: string, head: ResponseHead): ResponseProblem | null {
  const { fields } = head;
  for (let index = 0; index < fields.count; index++) {
    switch (fields.name(index).id) {
      case FieldId.contentLength:
        if (head.contentLength !== LENGTH_UNKNOWN) return 'length';
        head.contentLength = readContentLength(fields.value(index));
        if (head.contentLength < 0) return 'length';
        break;
      case FieldId.transferEncoding:
        if (head.isChunked || head.minor === 0) return 'coding';
        if (fields.value(index).toLowerCase() !== 'chunked' || fields.hasBlankBehind(index))
          return 'coding';
        head.isChunked = true;
        break;
      case FieldId.connection:
        readConnectionField(fields.value(index), head);
        break;
      default:
    }
  }
  if (head.isChunked && head.contentLength !== LENGTH_UNKNOWN) return 'framing';
  // A 1xx has no body (RFC 9110 §15.2), but there are readers that take one where it says so.
  if (head.status < 200 && (head.isChunked || head.contentLength > 0)) return 'framing';
  const isBodyless =
    method === 'HEAD' || head.status === 204 || head.status === 304 || head.status < 200;
  if (isBodyless) head.framing = 'none';
  else if (head.isChunked) head.framing = 'chunked';
  else if (head.contentLength === 0) head.framing = 'none';
  else if (head.contentLength > 0) head.framing = 'length';
  else head.framing = 'close';
  return null;
}
