import { createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { TokensConfig } from '../config/tokens.ts';

/** One key that tokens are sealed with, and everything about it that is the same in every token. */
export interface TokenKey {
  /** Stands readable in the header of every token. */
  readonly id: string;
  readonly key: KeyObject;
  /** The protected header as it stands in a token: base64url of its JSON. */
  readonly header: string;
  /** The same, as the bytes that are authenticated together with the content (RFC 7516 §5.1 step 14). */
  readonly headerBytes: Buffer;
}

/** Ties a derived key to its use: the same secret, used for something else one day, gives another key. */
const derivationLabel = 'portcullis session token, dir, A256GCM';
const keyBytes = 32;
const ephemeralKeyId = 'start';

/**
 * The keys of the session tokens: the first one issues, all of them are accepted, so that a key is replaced without
 * logging anybody out: add the new one last everywhere, then move it to the front, and drop the old one when the
 * longest session has ended.
 */
export class KeyRing {
  /** The key was made up at this start: what it sealed ends with this process. */
  readonly isEphemeral: boolean;
  readonly issuing: TokenKey;
  readonly #byHeader: ReadonlyMap<string, TokenKey>;

  constructor(config: TokensConfig, random: (bytes: number) => Buffer = randomBytes) {
    const configured = config.keys.map(({ id, secret }) =>
      createTokenKey(id, deriveKey(secret.reveal())),
    );
    const [first] = configured;
    this.isEphemeral = first === undefined;
    this.issuing = first ?? createTokenKey(ephemeralKeyId, random(keyBytes));
    const keys = first === undefined ? [this.issuing] : configured;
    this.#byHeader = new Map(keys.map((key) => [key.header, key]));
    if (this.#byHeader.size !== keys.length) throw new Error('two token keys have the same id');
  }

  /** A header is compared as it is written: there is one spelling of each, and nothing in it is a choice. */
  keyOf(header: string): TokenKey | undefined {
    return this.#byHeader.get(header);
  }
}

/**
 * HKDF without salt: a configured secret is either random or at least long, checked with the configuration, and every
 * node must come to the same key.
 */
function deriveKey(secret: string): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', Buffer.from(secret, 'utf8'), Buffer.alloc(0), derivationLabel, keyBytes),
  );
}

function createTokenKey(id: string, bytes: Uint8Array): TokenKey {
  const header = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: id })).toString(
    'base64url',
  );
  return {
    id,
    key: createSecretKey(bytes),
    header,
    headerBytes: Buffer.from(header, 'latin1'),
  };
}
