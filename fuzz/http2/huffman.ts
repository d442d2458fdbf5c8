/** How many bits each octet takes (RFC 7541 Appendix B), and last the end of the string. The code is canonical. */
const BITS = [
  ...[
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
  ],
  ...[
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5,
  ],
  ...[
    6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  ],
  ...[
    7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  ],
  ...[
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23,
  ],
  ...[
    23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20,
  ],
  ...[
    22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22,
  ],
  ...[
    22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26,
  ],
  ...[
    27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  ],
  ...[25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30],
];
const END = 256;

/** `bits:code` → octet. */
const octets = new Map<number, number>();
{
  const order = BITS.map((bits, octet) => ({ bits, octet })).toSorted(
    (one, other) => one.bits - other.bits || one.octet - other.octet,
  );
  let code = 0;
  let last = 0;
  for (const { bits, octet } of order) {
    code *= 2 ** (bits - last);
    last = bits;
    octets.set(bits * 2 ** 31 + code, octet);
    code++;
  }
}

/** Throws for what is no string in this code. */
export function fromHuffman(bytes: Buffer): string {
  let text = '';
  let code = 0;
  let bits = 0;
  for (const octet of bytes) {
    for (let at = 7; at >= 0; at--) {
      code = code * 2 + ((octet >> at) & 1);
      bits++;
      const found = octets.get(bits * 2 ** 31 + code);
      if (found === undefined) continue;
      if (found === END) throw new Error('the end of a string within it');
      text += String.fromCharCode(found);
      code = 0;
      bits = 0;
    }
  }
  if (bits > 7) throw new Error('half a character');
  return text;
}
