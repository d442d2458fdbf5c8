/** Past this a length is no exact number any more; RFC 9110 §8.6 asks to guard against overflow. */
const DIGITS_MAX = 15;

/** The value of a Content-Length field, or -1 if it is anything but 1 to 15 digits (RFC 9110 §8.6). */
export function readContentLength(value: string): number {
  if (value.length === 0 || value.length > DIGITS_MAX) return -1;
  let length = 0;
  for (let at = 0; at < value.length; at++) {
    const digit = value.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length;
}
