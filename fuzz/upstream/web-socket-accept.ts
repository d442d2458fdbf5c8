import { createHash } from 'node:crypto';

/** What a server proves with that it has read the key (RFC 6455 §1.3). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
