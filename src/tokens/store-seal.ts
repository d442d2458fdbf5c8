import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { TokensConfig } from '../config/tokens.ts';

const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;
const macBytes = 16;

interface SealKeys {
  readonly id: string;
  readonly sealing: Uint8Array;
  readonly signing: Uint8Array;
}

/**
 * What a store outside this process is given: values that only gateways can read, and messages that only gateways can
 * have written. From the secrets of the session tokens, each by a label of its own: the first one writes, all of them
 * are believed, so keys are replaced as for tokens. Everything begins with the id of its key and a dot.
 */
export class StoreSeal {
  readonly #keys: ReadonlyMap<string, SealKeys>;
  readonly #first: SealKeys;

  constructor(config: TokensConfig) {
    const keys = config.keys.map(({ id, secret }) => ({
      id,
      sealing: derive(secret.reveal(), 'portcullis store value, A256GCM'),
      signing: derive(secret.reveal(), 'portcullis store message, HS256'),
    }));
    const [first] = keys;
    if (first === undefined) throw new Error('a store outside this process needs token keys');
    this.#first = first;
    this.#keys = new Map(keys.map((key) => [key.id, key]));
  }

  /** `place`: where it stands; opened as anything else's value it is refused. */
  seal(place: string, text: string): string {
    const { id, sealing } = this.#first;
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', sealing, iv, { authTagLength: tagBytes });
    cipher.setAAD(Buffer.from(place, 'utf8'));
    const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]);
    return `${id}.${Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64url')}`;
  }

  /** Null for whatever no gateway has written there. */
  open(place: string, value: string): string | null {
    const dot = value.indexOf('.');
    const keys = this.#keys.get(value.slice(0, dot));
    const bytes = Buffer.from(value.slice(dot + 1), 'base64url');
    if (keys === undefined || bytes.length < ivBytes + tagBytes) return null;
    const iv = bytes.subarray(0, ivBytes);
    const end = bytes.length - tagBytes;
    const options = { authTagLength: tagBytes };
    const decipher = createDecipheriv('aes-256-gcm', keys.sealing, iv, options);
    decipher.setAAD(Buffer.from(place, 'utf8'));
    decipher.setAuthTag(bytes.subarray(end));
    try {
      const text = decipher.update(bytes.subarray(ivBytes, end), undefined, 'utf8');
      return text + decipher.final('utf8');
    } catch {
      return null;
    }
  }

  sign(message: string): string {
    return `${this.#first.id}.${macOf(this.#first.signing, message).toString('base64url')}`;
  }

  isSigned(message: string, signature: string): boolean {
    const dot = signature.indexOf('.');
    const keys = this.#keys.get(signature.slice(0, dot));
    const given = Buffer.from(signature.slice(dot + 1), 'base64url');
    if (keys === undefined || given.length !== macBytes) return false;
    return timingSafeEqual(given, macOf(keys.signing, message));
  }
}

function macOf(key: Uint8Array, message: string): Buffer {
  return createHmac('sha256', key).update(message, 'utf8').digest().subarray(0, macBytes);
}

function derive(secret: string, label: string): Uint8Array {
  const derived = hkdfSync('sha256', Buffer.from(secret, 'utf8'), Buffer.alloc(0), label, keyBytes);
  return new Uint8Array(derived);
}
