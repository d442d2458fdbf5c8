import { importJWK, type CryptoKey, type JWK } from 'jose';
import type { TokenAlgorithm } from '../config/token-directory.ts';

const keysMax = 100;
const rsaBitsMin = 2048;

const curveOf: Readonly<Partial<Record<TokenAlgorithm, string>>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
};

interface ProviderKey {
  readonly id: string | null;
  /** The only algorithm that it serves. */
  readonly algorithm: TokenAlgorithm;
  readonly key: CryptoKey;
}

/** A key; or the name is known, but not for this; or it is not known at all. */
export type KeyLookup =
  | { readonly kind: 'key'; readonly key: CryptoKey }
  | { readonly kind: 'unfit' | 'unknown' };

/** The public keys that a provider published, each good for one algorithm. */
export class KeySet {
  readonly #keys: readonly ProviderKey[];

  private constructor(keys: readonly ProviderKey[]) {
    this.#keys = keys;
  }

  /**
   * Reads a JWKS (RFC 7517). Keys of other kinds or for other ends are passed over, as that asks for; of the rest only
   * the public numbers are read, never an address or a certificate in them. Throws for what is no JWKS.
   */
  static async read(document: unknown, algorithms: readonly TokenAlgorithm[]): Promise<KeySet> {
    const listed: unknown = isObject(document) ? document['keys'] : undefined;
    if (!Array.isArray(listed) || listed.length > keysMax) throw new Error('the answer is no JWKS');
    const keys = await Promise.all(listed.map((one: unknown) => readKey(one, algorithms)));
    return new KeySet(keys.filter((key) => key !== null));
  }

  /** A token that names no key has one only where there is no choice. */
  find(id: string | undefined, algorithm: string): KeyLookup {
    const named = id === undefined ? this.#keys : this.#keys.filter((key) => key.id === id);
    const fit = named.filter((key) => key.algorithm === algorithm);
    const [only] = fit;
    if (only !== undefined && fit.length === 1) return { kind: 'key', key: only.key };
    return { kind: named.length > 0 ? 'unfit' : 'unknown' };
  }
}

async function readKey(
  listed: unknown,
  algorithms: readonly TokenAlgorithm[],
): Promise<ProviderKey | null> {
  if (!isObject(listed) || !isForSignatures(listed)) return null;
  const algorithm = algorithms.find((one) => fits(listed, one));
  if (algorithm === undefined) return null;
  const { crv, e, kid, kty, n, x, y } = listed;
  // What is not there is left out, and what is no text fails below.
  const parts = Object.entries({ kty, crv, n, e, x, y }).filter(([, value]) => value !== undefined);
  try {
    const key = await importJWK(Object.fromEntries(parts) as JWK, algorithm);
    if (!('algorithm' in key) || !isStrong(key)) return null;
    return { id: typeof kid === 'string' ? kid : null, algorithm, key };
  } catch {
    return null;
  }
}

function isForSignatures({ key_ops: operations, use }: Readonly<Record<string, unknown>>): boolean {
  if (use !== undefined && use !== 'sig') return false;
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

/** What the key says that it is for; one that does not say is for the first that its kind allows. */
function fits({ alg, crv, kty }: Readonly<Record<string, unknown>>, one: TokenAlgorithm): boolean {
  if (alg !== undefined && alg !== one) return false;
  const curve = curveOf[one];
  if (curve === undefined) return kty === 'RSA';
  return kty === (one === 'EdDSA' ? 'OKP' : 'EC') && crv === curve;
}

function isStrong({ algorithm }: CryptoKey): boolean {
  const bits: unknown = Reflect.get(algorithm, 'modulusLength');
  return bits === undefined || (typeof bits === 'number' && bits >= rsaBitsMin);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
