import { isBlank } from '../http/blank.ts';
import type { FieldList } from '../http/field-list.ts';
import type { FieldNames } from '../http/field-names.ts';

export type FieldLineProblem = 'field-line' | 'field-name' | 'field-octet' | 'fields-too-many';

/**
 * Reads the field lines of a head or a trailer section (RFC 9112 §5) into `fields`. Strict: no folding, no blank before
 * the colon, no control octet but the tab, no bare CR or LF. `end` is where the CRLF of the last line begins.
 * `isClean`: `cleanHeadEnd` has said so. Returns the first problem, or null.
 */
export function readFieldLines(
  text: string,
  start: number,
  end: number,
  fieldsMax: number,
  names: FieldNames,
  fields: FieldList,
  isClean = false,
): FieldLineProblem | null {
  let at = start;
  while (at < end) {
    if (fields.count >= fieldsMax) return 'fields-too-many';
    const lineEnd = endOfLine(text, at, end);
    const colon = text.indexOf(':', at);
    if (colon < 0 || colon >= lineEnd) return 'field-line';
    const name = names.at(text, at, colon);
    if (name === null) return 'field-name';
    let valueStart = colon + 1;
    let valueEnd = lineEnd;
    while (valueStart < valueEnd && isBlank(text.charCodeAt(valueStart))) valueStart++;
    while (valueEnd > valueStart && isBlank(text.charCodeAt(valueEnd - 1))) valueEnd--;
    if (!isClean && hasControl(text, valueStart, valueEnd)) return 'field-octet';
    fields.push(name, at, valueStart, valueEnd);
    at = lineEnd + 2;
  }
  return null;
}

function hasControl(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 ? code !== 0x09 : code === 0x7f) return true;
  }
  return false;
}

/** Where the CRLF of the line begins; `end` for the last one. One octet is found faster than two. */
function endOfLine(text: string, start: number, end: number): number {
  let at = text.indexOf('\r', start);
  // A CR alone does not end a line: it makes it malformed.
  if (at >= 0 && text.charCodeAt(at + 1) !== 0x0a) at = text.indexOf('\r\n', at);
  return at < 0 || at > end ? end : at;
}
