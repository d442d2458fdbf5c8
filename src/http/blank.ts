/** RFC 9110 §5.6.3: the two octets of optional white space. `trim()` takes away more, such as a no-break space. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

export function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
