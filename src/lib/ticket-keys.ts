import { randomBytes } from 'node:crypto';

/** What TLS tickets are sealed with: a name, a key for the cipher and one for the MAC (RFC 5077 §4). */
export function newTicketKeys(): Buffer {
  return randomBytes(48);
}
