import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing, TokenKey } from './key-ring.ts';

/** Longer than any token of ours with the longest key id; what is longer is not looked at. */
const tokenCharactersMax = 512;
const ivBytes = 12;
const idBytes = 16;
const tagBytes = 16;

/**
 * What follows the header: no encrypted key, then IV, content and tag in base64url. The length of each is exact, and the
 * last character of content and tag has its four unused bits at zero, so that one token has one spelling (RFC 4648
 * §3.5): a changed character is a refused token, even one that decodes to the same bytes.
 */
const sealedPart = /^\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{21}[AQgw]\.[A-Za-z0-9_-]{21}[AQgw]$/;
const sealedCharacters = 2 + 16 + 1 + 22 + 1 + 22;
const idPattern = /^[0-9a-f]{32}$/;

const gcmOptions = { authTagLength: tagBytes };
/** Opening a token is one turn, so all of them share the room for its parts. */
const opening = {
  iv: Buffer.alloc(ivBytes),
  content: Buffer.alloc(idBytes),
  tag: Buffer.alloc(tagBytes),
};

interface SealedToken {
  readonly key: TokenKey;
  readonly iv: string;
  readonly content: string;
  readonly tag: string;
}

/**
 * Session tokens: a compact JWE (RFC 7516; `dir`, A256GCM) that holds the 16 bytes of a session id and nothing else, so
 * that a token tells its holder nothing and a forged one is told without asking the store. With `node:crypto`, in one
 * synchronous call: a flood of forged cookies must cost less than what it asks for.
 *
 * IVs are random. NIST SP 800-38D §8.3 allows 2^32 of them per key: 50 days at a thousand tokens a second, which is the
 * reason to replace keys now and then.
 */
export class SessionTokens {
  readonly #ring: KeyRing;
  readonly #random: (bytes: number) => Buffer;

  constructor(ring: KeyRing, random: (bytes: number) => Buffer = randomBytes) {
    this.#ring = ring;
    this.#random = random;
  }

  /** A new token for a session id of 32 hex digits. */
  seal(id: string): string {
    if (!idPattern.test(id)) throw new Error('not a session id');
    const { key, header, headerBytes } = this.#ring.issuing;
    const iv = this.#random(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
    cipher.setAAD(headerBytes);
    const content = cipher.update(id, 'hex', 'base64url') + cipher.final('base64url');
    const tag = cipher.getAuthTag().toString('base64url');
    return `${header}..${iv.toString('base64url')}.${content}.${tag}`;
  }

  /** The session id in a token that one of our keys has sealed; null for everything else. Never throws. */
  open(token: string): string | null {
    const id = this.unseal(token);
    return id === 'malformed' || id === 'forged' ? null : id;
  }

  /** The same, and what is wrong: not written like a token of ours, or written so by somebody else. */
  unseal(token: string): string {
    const sealed = this.#read(token);
    if (sealed === null) return 'malformed';
    const { key, headerBytes } = sealed.key;
    opening.iv.write(sealed.iv, 'base64url');
    opening.content.write(sealed.content, 'base64url');
    opening.tag.write(sealed.tag, 'base64url');
    // A forged token ends in an exception, and the stack that it would carry costs as much as the cryptography.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      // Without authTagLength a tag of 4 bytes would be believed as well.
      const decipher = createDecipheriv('aes-256-gcm', key, opening.iv, gcmOptions);
      decipher.setAAD(headerBytes);
      decipher.setAuthTag(opening.tag);
      const id = decipher.update(opening.content);
      return decipher.final().length === 0 && id.length === idBytes ? id.toString('hex') : 'forged';
    } catch {
      return 'forged';
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  /** Grammar before cryptography: what a stranger sends costs a map look-up and a short regular expression. */
  #read(token: string): SealedToken | null {
    const headerCharacters = token.length - sealedCharacters;
    if (headerCharacters <= 0 || token.length > tokenCharactersMax) return null;
    const key = this.#ring.keyOf(token.slice(0, headerCharacters));
    if (key === undefined) return null;
    const tail = token.slice(headerCharacters);
    if (!sealedPart.test(tail)) return null;
    const iv = tail.slice(2, 18);
    const content = tail.slice(19, 41);
    const tag = tail.slice(42);
    return { key, iv, content, tag };
  }
}
