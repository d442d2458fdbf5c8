import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { TokensConfig } from '../config/tokens.ts';

const derivationLabel = 'portcullis stored value, A256GCM';
const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;
const gcmOptions = { authTagLength: tagBytes };

interface ValueKey {
  /** One byte for its length and the id itself: what a sealed value begins with. */
  readonly head: Buffer;
  readonly key: KeyObject;
}

/**
 * Seals what a store keeps for us, so that whoever can write there can neither make a session nor change one, and whoever
 * can read there learns no names. A value is tied to the place that it was sealed for: moved elsewhere, it does not open.
 *
 * The keys are derived from those of the session tokens and change with them: the first seals, all of them open.
 */
export class ValueSeal {
  readonly #keys: readonly ValueKey[];
  readonly #random: (bytes: number) => Buffer;

  constructor(config: TokensConfig, random: (bytes: number) => Buffer = randomBytes) {
    // A value outlives this process, and nobody else would know a key that was made up here.
    if (config.keys.length === 0) throw new Error('values are sealed with configured keys only');
    this.#random = random;
    this.#keys = config.keys.map(({ id, secret }) => ({
      head: headOf(id),
      key: deriveKey(secret.reveal()),
    }));
  }

  /** Key id, IV, tag and content. `place` says where it will stand, such as a table and a key in it. */
  seal(place: string, text: string): Buffer {
    const [issuing] = this.#keys;
    if (issuing === undefined) throw new Error('no key');
    const iv = this.#random(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', issuing.key, iv, gcmOptions);
    cipher.setAAD(Buffer.concat([issuing.head, Buffer.from(place)]));
    const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([issuing.head, iv, cipher.getAuthTag(), content]);
  }

  /** The text that one of our keys has sealed for this place; null for everything else. Never throws. */
  open(place: string, sealed: Uint8Array): string | null {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const known = this.#keys.find(({ head }) => bytes.subarray(0, head.length).equals(head));
    if (known === undefined) return null;
    const ivAt = known.head.length;
    const tagAt = ivAt + ivBytes;
    const contentAt = tagAt + tagBytes;
    if (bytes.length < contentAt) return null;
    try {
      const iv = bytes.subarray(ivAt, tagAt);
      const decipher = createDecipheriv('aes-256-gcm', known.key, iv, gcmOptions);
      decipher.setAAD(Buffer.concat([known.head, Buffer.from(place)]));
      decipher.setAuthTag(bytes.subarray(tagAt, contentAt));
      const text = decipher.update(bytes.subarray(contentAt));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      return null;
    }
  }
}

function headOf(id: string): Buffer {
  const name = Buffer.from(id, 'utf8');
  return Buffer.concat([Buffer.from([name.length]), name]);
}

function deriveKey(secret: string): KeyObject {
  const bytes = hkdfSync('sha256', Buffer.from(secret), Buffer.alloc(0), derivationLabel, keyBytes);
  return createSecretKey(new Uint8Array(bytes));
}
