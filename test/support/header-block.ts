/**
 * The block of an HTTP/2 header list (RFC 7541 §6.2.2): literals without indexing, and no Huffman code. Names and values
 * are written as they are, octet by octet, whatever the rules say about them.
 */
export function headerBlock(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]),
  );
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([integer(bytes.length), bytes]);
}

/** RFC 7541 §5.1, with a prefix of seven bits. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const octets = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>>= 7) octets.push((rest & 127) | 128);
  return Buffer.from([...octets, rest]);
}
