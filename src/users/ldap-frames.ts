/** The longest message that a server may send: an entry with thousands of groups fits in it many times. */
const messageBytesMax = 4 * 1024 * 1024;

const sequenceTag = 0x30;

/**
 * Follows the lengths of a server's messages without keeping them. What is no LDAP, or too long, is known by its first
 * bytes: nobody waits for the end of garbage, and nobody keeps it.
 */
export class LdapFrames {
  #head: number[] = [];
  #left = 0;

  /** False as soon as the bytes can be no messages. */
  take(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
        continue;
      }
      this.#head.push(chunk[at] ?? 0);
      at += 1;
      const length = readLength(this.#head);
      if (length === 'wrong') return false;
      if (length === 'more') continue;
      this.#head = [];
      this.#left = length;
    }
    return true;
  }
}

/** The length of a message by its first bytes (X.690 §8.1.3, as RFC 4511 §5.1 narrows it). */
function readLength([tag, first, ...more]: readonly number[]): number | 'more' | 'wrong' {
  if (tag !== sequenceTag) return 'wrong';
  if (first === undefined) return 'more';
  if (first < 0x80) return first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) return 'wrong';
  if (more.length < count) return 'more';
  const length = more.reduce((sum, byte) => sum * 256 + byte, 0);
  return length > messageBytesMax ? 'wrong' : length;
}
