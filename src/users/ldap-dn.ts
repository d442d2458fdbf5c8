/** One `type=value` of a distinguished name; the value unescaped. */
export interface DnPair {
  readonly type: string;
  readonly value: string;
}

/** From the entry up to the root; each a list, because `cn=a+ou=b` is one step with two pairs. */
export type Dn = readonly (readonly DnPair[])[];

const typePattern = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)$/;
const hexPair = /^[0-9A-Fa-f]{2}$/;

/** Reads a distinguished name as RFC 4514 writes it; null for what is none. The empty name is none here. */
export function parseDn(text: string): Dn | null {
  const steps: DnPair[][] = [];
  let step: DnPair[] = [];
  for (let at = 0; ;) {
    const equals = text.indexOf('=', at);
    if (equals < 0) return null;
    const type = text.slice(at, equals).trim();
    if (!typePattern.test(type)) return null;
    const read = readValue(text, equals + 1);
    if (read === null) return null;
    step.push({ type, value: read.value });
    const end = text[read.end];
    if (end !== '+') {
      steps.push(step);
      step = [];
    }
    if (end === undefined) return steps;
    at = read.end + 1;
  }
}

/** The value up to an unescaped `,`, `;`, `+` or the end; blanks around it are not part of it, escaped ones are. */
function readValue(text: string, from: number): { value: string; end: number } | null {
  const bytes: Buffer[] = [];
  let kept = 0;
  let at = from;
  while (text[at] === ' ') at += 1;
  for (; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === ',' || char === ';' || char === '+') break;
    if (char === '"' || char === '<' || char === '>' || char === '\0') return null;
    if (char !== '\\') {
      const whole = String.fromCodePoint(text.codePointAt(at) ?? 0);
      bytes.push(Buffer.from(whole));
      at += whole.length - 1;
      if (char !== ' ') kept = bytes.length;
      continue;
    }
    const pair = text.slice(at + 1, at + 3);
    if (hexPair.test(pair)) {
      bytes.push(Buffer.from(pair, 'hex'));
      at += 2;
    } else {
      const escaped = text[at + 1];
      if (escaped === undefined || !' "#+,;<=>\\'.includes(escaped)) return null;
      bytes.push(Buffer.from(escaped));
      at += 1;
    }
    kept = bytes.length;
  }
  return { value: Buffer.concat(bytes.slice(0, kept)).toString('utf8'), end: at };
}

/**
 * What a group is called: the value of the first pair of its name, unescaped, so that `cn=Board\, inner,ou=groups` is
 * `Board, inner`. Null for what is no distinguished name.
 */
export function firstValueOf(dn: string): string | null {
  return parseDn(dn)?.[0]?.[0]?.value ?? null;
}

/**
 * One spelling for all spellings of a distinguished name, for comparing only: types and values in lower case, runs of
 * blanks as one. Null for what is none.
 */
export function normalDn(text: string): string | null {
  const dn = parseDn(text);
  if (dn === null) return null;
  const steps = dn.map((pairs) =>
    pairs
      .map(({ type, value }) => `${type.toLowerCase()}=${escapeDnValue(normalValue(value))}`)
      .toSorted()
      .join('+'),
  );
  return steps.join(',');
}

function normalValue(value: string): string {
  return value.normalize('NFKC').toLowerCase().replace(/ +/g, ' ').trim();
}

/** A value inside a distinguished name (RFC 4514 §2.4): it stays a value, whatever stands in it. */
export function escapeDnValue(value: string): string {
  const escaped = value
    .replace(/[\\,+"<>;=]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/ $/, '\\ ');
  return /^[ #]/.test(escaped) && escaped !== '\\ ' ? `\\${escaped}` : escaped;
}
