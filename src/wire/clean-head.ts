const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BLANK = 0x20;
const DELETE = 0x7f;

/**
 * Where a head ends that begins at `start`: behind its empty line. -1 if `bytes[start, stop)` has not all of it, or if it has
 * a control octet but the tab, or a CR or LF that is not one of a pair (RFC 9112 §2.2, RFC 9110 §5.5).
 *
 * Octets are looked at in a third of the time that the characters of a string take, so this comes first: whoever then reads
 * the text need not look at each again, and what is behind a head, such as the beginning of a body, never becomes text.
 */
export function cleanHeadEnd(bytes: Uint8Array, start: number, stop: number): number {
  for (let at = start; at < stop; at++) {
    const octet = bytes[at] ?? 0;
    if (octet >= BLANK) {
      if (octet === DELETE) return -1;
    } else if (octet === CARRIAGE_RETURN) {
      if (bytes[++at] !== LINE_FEED) return -1;
      const isEnd = bytes[at + 1] === CARRIAGE_RETURN && bytes[at + 2] === LINE_FEED;
      if (isEnd && at + 2 < stop) return at + 3;
    } else if (octet !== TAB) return -1;
  }
  return -1;
}
