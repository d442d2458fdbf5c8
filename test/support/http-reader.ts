/** Field lines in the order in which they came, names as they were written. */
export type FieldLines = readonly (readonly [name: string, value: string])[];

/** One message as its bytes say, read strictly: a reader that guesses would hide what is tested. */
export interface Message {
  readonly startLine: string;
  readonly fields: FieldLines;
  readonly body: Buffer;
  readonly trailers: FieldLines;
  /** How the body ended. */
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
}

/** What the start line and the fields say about the body. */
export type BodyRule = 'none' | 'length' | 'chunked' | 'close';

export interface Head {
  readonly startLine: string;
  readonly fields: FieldLines;
  readonly bytes: number;
}

/** A broken message: the peer that sent it is at fault, and the test fails. */
export class UnreadableMessage extends Error {}

const FIELD_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ?((?:[\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)$/;

/** The values of a field, whatever the case of its name. */
export function valuesOf(fields: FieldLines, name: string): string[] {
  const lower = name.toLowerCase();
  return fields.filter(([key]) => key.toLowerCase() === lower).map(([, value]) => value);
}

/** The head at the beginning of the bytes, or null while it is not complete. */
export function readHead(bytes: Buffer): Head | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [startLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  if (startLine.includes('\n')) throw new UnreadableMessage(`bare LF in ${startLine}`);
  return { startLine, fields: lines.map(readFieldLine), bytes: end + 4 };
}

function readFieldLine(line: string): readonly [string, string] {
  const match = FIELD_LINE.exec(line);
  if (match === null) throw new UnreadableMessage(`field line ${JSON.stringify(line)}`);
  return [match[1] ?? '', match[2] ?? ''];
}

/** How the fields frame a body; `otherwise` where they say nothing. */
export function bodyRule(fields: FieldLines, otherwise: BodyRule): BodyRule {
  const lengths = valuesOf(fields, 'content-length');
  const codings = valuesOf(fields, 'transfer-encoding');
  if (lengths.length + codings.length > 1) {
    throw new UnreadableMessage(`framed twice: ${[...lengths, ...codings].join(' and ')}`);
  }
  if (codings.length === 1) {
    if (codings[0] !== 'chunked') throw new UnreadableMessage(`coding ${String(codings[0])}`);
    return 'chunked';
  }
  if (lengths.length === 1) {
    if (!/^\d{1,15}$/.test(lengths[0] ?? '')) {
      throw new UnreadableMessage(`length ${String(lengths[0])}`);
    }
    return 'length';
  }
  return otherwise;
}

export interface ReadBody {
  readonly body: Buffer;
  readonly trailers: FieldLines;
  readonly bytes: number;
}

/** The body at the beginning of the bytes, or null while it is not complete. `isOver`: no byte will follow. */
export function readBody(
  bytes: Buffer,
  rule: BodyRule,
  fields: FieldLines,
  isOver: boolean,
): ReadBody | null {
  const nothing = { body: Buffer.alloc(0), trailers: [], bytes: 0 };
  if (rule === 'none') return nothing;
  if (rule === 'close') return isOver ? { body: bytes, trailers: [], bytes: bytes.length } : null;
  if (rule === 'chunked') return readChunked(bytes);
  const length = Number(valuesOf(fields, 'content-length')[0]);
  if (bytes.length < length) return null;
  return { ...nothing, body: bytes.subarray(0, length), bytes: length };
}

function readChunked(bytes: Buffer): ReadBody | null {
  const pieces: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const line = bytes.toString('latin1', at, lineEnd);
    if (!/^[0-9A-Fa-f]{1,8}$/.test(line)) {
      throw new UnreadableMessage(`chunk line ${JSON.stringify(line)}`);
    }
    const size = Number.parseInt(line, 16);
    at = lineEnd + 2;
    if (size === 0) break;
    if (bytes.length < at + size + 2) return null;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
    if (bytes.toString('latin1', at, at + 2) !== '\r\n')
      throw new UnreadableMessage('chunk without end');
    at += 2;
  }
  return readTrailers(bytes, at, Buffer.concat(pieces));
}

function readTrailers(bytes: Buffer, start: number, body: Buffer): ReadBody | null {
  const trailers: (readonly [string, string])[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const line = bytes.toString('latin1', at, lineEnd);
    at = lineEnd + 2;
    if (line === '') return { body, trailers, bytes: at };
    trailers.push(readFieldLine(line));
  }
}
