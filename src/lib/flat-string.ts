/**
 * A copy of a string in one piece of its own. What was sliced off a request head keeps the whole head alive for as long
 * as it lives, and what was put together from parts keeps the parts.
 */
export function flatString(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
