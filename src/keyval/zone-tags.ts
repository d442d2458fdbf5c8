import { createHash } from 'node:crypto';

const zoneIdBytes = 8;
const tagBytes = 18;
export const zoneIdLength = Math.ceil((zoneIdBytes * 8) / 6);

/** What logs and stores call a zone. */
export function zoneIdOf(zone: string): string {
  return hashOf(zone, zoneIdBytes);
}

/** What logs and stores call a key: it may hold names and addresses, which are not theirs to know. */
export function zoneTagOf(key: string): string {
  return hashOf(key, tagBytes);
}

function hashOf(text: string, bytes: number): string {
  return createHash('sha256')
    .update(text, 'utf8')
    .digest()
    .subarray(0, bytes)
    .toString('base64url');
}
