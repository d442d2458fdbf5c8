import { createPublicKey } from 'node:crypto';
import type { SignerConfig } from '../config/token-service.ts';

/** The public halves of all keys of these signers (RFC 7517). */
export function publicKeysOf(signers: readonly SignerConfig[]): Record<string, unknown>[] {
  const byId = new Map<string, Record<string, unknown>>();
  for (const { algorithm, keys } of signers) {
    for (const { id, pem } of keys) {
      const jwk = createPublicKey(pem.reveal()).export({ format: 'jwk' });
      byId.set(`${algorithm} ${id} ${jwk.x ?? ''}`, {
        ...jwk,
        kid: id,
        alg: algorithm,
        use: 'sig',
      });
    }
  }
  return [...byId.values()];
}
