import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { TokensConfig } from '../config/tokens.ts';

const derivationLabel = 'portcullis message, HS256';
const keyBytes = 32;
const macBytes = 16;

interface MessageKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/**
 * Signs what gateways tell each other through somebody else's hands, so that only a gateway can have said it. The keys
 * are derived from those of the session tokens and change with them: the first signs, all are believed.
 */
export class MessageSeal {
  readonly #keys: readonly MessageKey[];

  constructor(config: TokensConfig) {
    if (config.keys.length === 0) throw new Error('messages are signed with configured keys only');
    this.#keys = config.keys.map(({ id, secret }) => ({ id, bytes: deriveKey(secret.reveal()) }));
  }

  /** The key's id, a dot, and half of an HMAC-SHA-256. */
  sign(message: string): string {
    const [issuing] = this.#keys;
    if (issuing === undefined) throw new Error('no key');
    return `${issuing.id}.${macOf(issuing.bytes, message).toString('base64url')}`;
  }

  isSigned(message: string, signature: string): boolean {
    const dot = signature.indexOf('.');
    const known = this.#keys.find(({ id }) => id === signature.slice(0, dot));
    const given = Buffer.from(signature.slice(dot + 1), 'base64url');
    if (known === undefined || given.length !== macBytes) return false;
    return timingSafeEqual(given, macOf(known.bytes, message));
  }
}

function macOf(key: Uint8Array, message: string): Buffer {
  return createHmac('sha256', key).update(message, 'utf8').digest().subarray(0, macBytes);
}

function deriveKey(secret: string): Uint8Array {
  const bytes = hkdfSync('sha256', Buffer.from(secret), Buffer.alloc(0), derivationLabel, keyBytes);
  return new Uint8Array(bytes);
}
