/** No control, format or unassigned characters. Node reads its tables of Unicode only for text beyond ASCII. */
export function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text) || !/\p{C}/u.test(text);
}
