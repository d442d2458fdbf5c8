import type { Random } from './random.ts';

/** What parsers have stumbled over. */
const DANGEROUS = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\n\n',
  '\x00',
  '\t',
  ' ',
  '\x0b',
  '\x7f',
  '\x85',
  '\xa0',
  '\xff',
  ':',
  ';',
  ',',
  '#',
  '%00',
  '\\',
  '0\r\n\r\n',
  '\r\n ',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'Host: b\r\n',
  ' HTTP/1.1\r\n',
  'GET / HTTP/1.1\r\nHost: b\r\n\r\n',
];

/** Changes a few octets anywhere, blind to what they mean. */
export function mutateOctets(random: Random, text: string): string {
  let mutated = text;
  for (let changes = random.chance(70) ? 1 : 2 + random.below(3); changes > 0; changes--) {
    mutated = mutateOnce(random, mutated);
  }
  return mutated;
}

function mutateOnce(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const before = text.slice(0, at);
  const after = text.slice(at);
  switch (random.below(6)) {
    case 0: // flip a bit
      return (
        before +
        String.fromCharCode((after.charCodeAt(0) || 0) ^ (1 << random.below(8))) +
        after.slice(1)
      );
    case 1: // insert
      return before + String.fromCharCode(random.below(256)) + after;
    case 2: // delete
      return before + after.slice(1 + random.below(random.chance(80) ? 1 : 12));
    case 3: // duplicate
      return before + after.slice(0, 1 + random.below(24)) + after;
    case 4: // splice
      return before + random.pick(DANGEROUS) + after;
    default: // cut out one place and put it into another
      return before + text.slice(random.below(text.length + 1)).slice(0, random.below(30)) + after;
  }
}
