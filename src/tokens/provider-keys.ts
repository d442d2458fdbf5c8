import type { CryptoKey } from 'jose';
import type { ProviderKeysConfig, TokenAlgorithm } from '../config/token-directory.ts';
import { isLoopback } from '../config/address.ts';
import type { Clock } from '../lib/clock.ts';
import { KeySet } from './key-set.ts';
import { readProviderDocument } from './provider-document.ts';

export type KeyAnswer =
  | { readonly kind: 'key'; readonly key: CryptoKey }
  /** None of the provider's keys fits. */
  | { readonly kind: 'none' }
  /** The provider cannot be asked, and what it said before is no answer or too old. */
  | { readonly kind: 'unavailable' };

interface ProviderKeysParts {
  readonly issuer: string;
  readonly config: ProviderKeysConfig;
  readonly algorithms: readonly TokenAlgorithm[];
  readonly clock: Clock;
  /** `error` null: it answers (again). Told at every change. */
  readonly onChange: (error: unknown) => void;
}

/**
 * The keys of a provider, read over the network when somebody needs one. The provider is asked at most once per cooldown,
 * and by one at a time, whatever tokens come. While it does not answer, known keys stay good until they are too old.
 */
export class ProviderKeys {
  readonly #parts: ProviderKeysParts;
  #set: KeySet | null = null;
  /** Monotonic, when the question was put that the set answered. */
  #setAtMs = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;
  #isOut = false;

  constructor(parts: ProviderKeysParts) {
    this.#parts = parts;
  }

  async keyFor(id: string | undefined, algorithm: string): Promise<KeyAnswer> {
    const known = this.#lookUp(id, algorithm);
    if (known !== 'unknown' && known !== 'none') {
      // A key that was withdrawn has to be noticed, but nobody waits for that.
      if (this.#ageMs() >= this.#parts.config.refreshMs) void this.#ask();
      return known;
    }
    await this.#ask();
    const answer = this.#lookUp(id, algorithm);
    if (answer === 'none') return { kind: 'unavailable' };
    if (answer !== 'unknown') return answer;
    // It may be a new key that we could not hear of.
    return { kind: this.#isOut ? 'unavailable' : 'none' };
  }

  #lookUp(id: string | undefined, algorithm: string): KeyAnswer | 'unknown' | 'none' {
    if (this.#set === null || this.#ageMs() > this.#parts.config.ageMsMax) return 'none';
    const found = this.#set.find(id, algorithm);
    if (found.kind === 'unknown') return 'unknown';
    return found.kind === 'key' ? found : { kind: 'none' };
  }

  #ageMs(): number {
    return this.#parts.clock.monotonic() - this.#setAtMs;
  }

  /** Never rejects. */
  #ask(): Promise<void> {
    if (this.#asking !== null) return this.#asking;
    const nowMs = this.#parts.clock.monotonic();
    if (nowMs - this.#askedAtMs < this.#parts.config.cooldownMs) return Promise.resolve();
    this.#askedAtMs = nowMs;
    this.#asking = this.#read(nowMs).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #read(nowMs: number): Promise<void> {
    const { algorithms, config, onChange } = this.#parts;
    let fault: unknown = null;
    try {
      const url = config.url ?? (await this.#discover());
      this.#set = await KeySet.read(await readProviderDocument(url, config), algorithms);
      this.#setAtMs = nowMs;
    } catch (error) {
      fault = error;
    }
    if ((fault !== null) === this.#isOut) return;
    this.#isOut = fault !== null;
    onChange(fault);
  }

  /** OpenID Connect Discovery 1.0 §4: a document that speaks for another issuer is none. */
  async #discover(): Promise<string> {
    const { config, issuer } = this.#parts;
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = await readProviderDocument(url, config);
    if (typeof document !== 'object' || document === null) throw new Error('no discovery document');
    if (Reflect.get(document, 'issuer') !== issuer) throw new Error('another issuer answers');
    const keysUrl: unknown = Reflect.get(document, 'jwks_uri');
    if (typeof keysUrl !== 'string' || !isSafe(keysUrl, issuer)) throw new Error('no jwks_uri');
    return keysUrl;
  }
}

/** TLS, or as clear as the issuer itself, which is on this machine then. */
function isSafe(url: string, issuer: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, protocol } = new URL(url);
  if (protocol === 'https:') return true;
  return protocol === 'http:' && issuer.startsWith('http:') && isLoopback(hostname);
}
