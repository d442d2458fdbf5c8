import { hkdfSync, randomBytes } from 'node:crypto';
import type { TokensConfig } from '../config/tokens.ts';

const derivationLabel = 'portcullis sticky cookie, HS256';
const keyBytes = 32;

/**
 * The keys of the cookies that keep browsers at a server: derived from those of the session tokens, so that every node
 * reads every other's; the first one makes them. Where none are configured they end with the process, as sessions do.
 */
export function stickyKeys({ keys }: TokensConfig): readonly Uint8Array[] {
  const secrets = keys.map(({ secret }) => Buffer.from(secret.reveal(), 'utf8'));
  return (secrets.length === 0 ? [randomBytes(keyBytes)] : secrets).map(
    (secret) =>
      new Uint8Array(hkdfSync('sha256', secret, Buffer.alloc(0), derivationLabel, keyBytes)),
  );
}
