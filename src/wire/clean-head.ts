const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BLANK = 0x20;
const DELETE = 0x7f;

/**
 * Whether `bytes[start, end)` has no control octet but the tab, and each CR and LF as one of a pair (RFC 9112 §2.2, RFC 9110
 * §5.5). Octets are looked at in a third of the time that the characters of a string take, so this comes first, and
 * whoever then reads the text need not look at each again. `end` is behind a CRLF.
 */
export function isCleanHead(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const octet = bytes[at] ?? 0;
    if (octet >= BLANK) {
      if (octet === DELETE) return false;
    } else if (octet === CARRIAGE_RETURN) {
      if (bytes[++at] !== LINE_FEED) return false;
    } else if (octet !== TAB) return false;
  }
  return true;
}
