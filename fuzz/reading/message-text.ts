/** A message that no strict reader can make sense of. */
export class Unreadable extends Error {}

/** Lower-case names with their values, in the order in which they came. */
export type Fields = readonly (readonly [name: string, value: string])[];

export interface HeadText {
  readonly startLine: string;
  readonly fields: Fields;
  /** The octet behind the empty line. */
  readonly end: number;
}

export type BodyRule = 'none' | 'length' | 'chunked' | 'close';

const FIELD_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)[ \t]*$/;

/** The head that begins at `from`, or null while it is not whole. */
export function readHead(text: string, from: number): HeadText | null {
  const end = text.indexOf('\r\n\r\n', from);
  if (end < 0) return null;
  const [startLine = '', ...lines] = text.slice(from, end).split('\r\n');
  if (/[\r\n\0]/.test(startLine)) throw new Unreadable(`start line ${JSON.stringify(startLine)}`);
  const fields = lines.map((line) => {
    const match = FIELD_LINE.exec(line);
    if (match === null) throw new Unreadable(`field line ${JSON.stringify(line)}`);
    return [(match[1] ?? '').toLowerCase(), match[2] ?? ''] as const;
  });
  return { startLine, fields, end: end + 4 };
}

export function valuesOf(fields: Fields, name: string): string[] {
  const values: string[] = [];
  for (const [key, value] of fields) if (key === name) values.push(value);
  return values;
}

/** How the fields frame a body; `otherwise` where they say nothing. */
export function bodyRule(fields: Fields, otherwise: BodyRule): BodyRule {
  const lengths = valuesOf(fields, 'content-length');
  const codings = valuesOf(fields, 'transfer-encoding');
  if (lengths.length + codings.length > 1) {
    throw new Unreadable(`framed twice: ${[...lengths, ...codings].join(' and ')}`);
  }
  if (codings.length === 1) {
    if (codings[0] !== 'chunked') throw new Unreadable(`coding ${codings[0] ?? ''}`);
    return 'chunked';
  }
  if (lengths.length === 1) {
    if (!/^\d{1,15}$/.test(lengths[0] ?? '')) throw new Unreadable(`length ${lengths[0] ?? ''}`);
    return 'length';
  }
  return otherwise;
}

export interface BodyText {
  /** As much as is there. */
  readonly body: string;
  readonly isWhole: boolean;
  /** The octet behind it; of one that is not whole, the end of the text. */
  readonly end: number;
}

/** The body that begins at `from`. */
export function readBody(text: string, from: number, rule: BodyRule, fields: Fields): BodyText {
  if (rule === 'none') return { body: '', isWhole: true, end: from };
  if (rule === 'close') return { body: text.slice(from), isWhole: false, end: text.length };
  if (rule === 'chunked') return readChunks(text, from);
  const end = from + Number(valuesOf(fields, 'content-length')[0]);
  const isWhole = end <= text.length;
  return { body: text.slice(from, end), isWhole, end: isWhole ? end : text.length };
}

/** Without extensions and trailers: neither belongs into what a gateway writes. */
function readChunks(text: string, from: number): BodyText {
  let body = '';
  for (let at = from; ;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return { body, isWhole: false, end: text.length };
    const line = text.slice(at, lineEnd);
    if (!/^[0-9a-f]{1,8}$/.test(line)) throw new Unreadable(`chunk line ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    at = lineEnd + 2;
    body += text.slice(at, at + size);
    if (text.length < at + size + 2) return { body, isWhole: false, end: text.length };
    if (text.slice(at + size, at + size + 2) !== '\r\n') {
      throw new Unreadable(size === 0 ? 'a trailer' : 'a chunk without its end');
    }
    at += size + 2;
    if (size === 0) return { body, isWhole: true, end: at };
  }
}
