import { fromHuffman } from './huffman.ts';

/** RFC 7541 Appendix A, without the names that no answer and no request here has an index for. */
const STATIC: readonly (readonly [name: string, value: string])[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ...[
    ...[
      'accept-language',
      'accept-ranges',
      'accept',
      'access-control-allow-origin',
      'age',
      'allow',
    ],
    ...['authorization', 'cache-control', 'content-disposition', 'content-encoding'],
    ...['content-language', 'content-length', 'content-location', 'content-range', 'content-type'],
    ...['cookie', 'date', 'etag', 'expect', 'expires', 'from', 'host', 'if-match'],
    ...['if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'last-modified'],
    ...['link', 'location', 'max-forwards', 'proxy-authenticate', 'proxy-authorization', 'range'],
    ...['referer', 'refresh', 'retry-after', 'server', 'set-cookie', 'strict-transport-security'],
    ...['transfer-encoding', 'user-agent', 'vary', 'via', 'www-authenticate'],
  ].map((name) => [name, ''] as const),
];

/** An integer with a prefix of `bits` (RFC 7541 §5.1); `first` holds what stands above them. */
function integer(value: number, bits: number, first: number): number[] {
  const most = 2 ** bits - 1;
  if (value < most) return [first | value];
  const octets = [first | most];
  let rest = value - most;
  while (rest >= 128) {
    octets.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  octets.push(rest);
  return octets;
}

const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from(integer(value.length, 7, 0)), Buffer.from(value, 'latin1')]);

/** A field as a literal, in one of the three ways that there are; nothing is left to a codec that would object. */
export function literal(name: string, value: string, way: 'plain' | 'never' | 'indexed'): Buffer {
  const first = { plain: 0, never: 0x10, indexed: 0x40 }[way];
  return Buffer.concat([Buffer.from([first]), text(name), text(value)]);
}

/** Reads header blocks of a server that keeps no dynamic table, as it was told. */
export function readBlock(bytes: Buffer): (readonly [name: string, value: string])[] {
  const fields: (readonly [string, string])[] = [];
  let at = 0;
  const number = (bits: number): number => {
    const most = 2 ** bits - 1;
    let value = (bytes[at++] ?? 0) & most;
    if (value < most) return value;
    for (let scale = 1; ; scale *= 128) {
      const octet = bytes[at++] ?? 0;
      value += (octet & 127) * scale;
      if (octet < 128) return value;
    }
  };
  const string = (): string => {
    const isPacked = ((bytes[at] ?? 0) & 128) !== 0;
    const end = number(7) + at;
    const octets = bytes.subarray(at, end);
    at = end;
    return isPacked ? fromHuffman(octets) : octets.toString('latin1');
  };
  while (at < bytes.length) {
    const first = bytes[at] ?? 0;
    if (first >= 128) {
      const known = STATIC[number(7) - 1];
      if (known === undefined) throw new Error('an index that nobody knows');
      fields.push(known);
    } else if (first >= 32 && first < 64) number(5);
    else {
      const index = number(first >= 64 ? 6 : 4);
      const name = index === 0 ? string() : (STATIC[index - 1]?.[0] ?? '');
      if (name === '') throw new Error('a name that nobody knows');
      fields.push([name, string()]);
    }
  }
  return fields;
}
