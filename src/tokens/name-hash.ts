import { createHmac, hkdfSync } from 'node:crypto';
import type { TokensConfig } from '../config/tokens.ts';

const derivationLabel = 'portcullis counted name, HS256';
const keyBytes = 32;
const hashBytes = 16;

/**
 * What a store outside this process knows a name by (an account, an address, a user): the same at all gateways, and
 * nobody without their keys can try names against it. The key is derived from the first of the session tokens: while
 * gateways differ in which one that is, they count apart.
 */
export class NameHash {
  readonly #key: Uint8Array;

  constructor({ keys }: TokensConfig) {
    const [issuing] = keys;
    if (issuing === undefined) throw new Error('names are hashed with configured keys only');
    const secret = Buffer.from(issuing.secret.reveal());
    this.#key = new Uint8Array(
      hkdfSync('sha256', secret, Buffer.alloc(0), derivationLabel, keyBytes),
    );
  }

  /** 16 bytes. Names of different kinds never meet: `kind` says which. */
  hash(kind: string, name: string): Buffer {
    const mac = createHmac('sha256', this.#key).update(`${kind}\n${name}`, 'utf8');
    return mac.digest().subarray(0, hashBytes);
  }
}
