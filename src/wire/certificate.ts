import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { setImmediate as turn } from 'node:timers/promises';
import { readKeyPair, type KeyPair, type KeyPairReading } from '../config/key-pair.ts';
import { readText } from '../config/read.ts';
import type { CertificateConfig } from '../config/tls.ts';

/** What came of looking at the files again. */
export type Refreshing =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'replaced' }
  /** The one in use stays. `isNews` once for each fault. */
  | { readonly kind: 'kept'; readonly reason: string; readonly isNews: boolean };

/** One certificate of a listener: the pair in use, and what became of its files. */
export class Certificate {
  readonly config: CertificateConfig;
  #pair: KeyPair;
  #fault = '';
  reloads = 0;
  reloadFailures = 0;

  /** Throws where the files cannot be used: there is nothing older to fall back on. */
  constructor(config: CertificateConfig) {
    this.config = config;
    const reading = readKeyPair(config);
    if (reading.kind === 'broken') throw new Error(sentence(config, reading));
    this.#pair = reading.pair;
  }

  get pair(): KeyPair {
    return this.#pair;
  }

  /** The names that it serves. */
  get names(): readonly string[] {
    return this.config.names.length > 0 ? this.config.names : this.#pair.names;
  }

  /** Whether the last look found files that could be used. */
  get isLastReloadOk(): boolean {
    return this.#fault === '';
  }

  /** Looks at the files; takes what is there if it can be used now. */
  async refresh(nowMs: number): Promise<Refreshing> {
    await turn(); // a turn of its own each: reading many must not hold up requests
    if (this.#isUntouched) {
      this.#fault = '';
      return { kind: 'unchanged' };
    }
    const reading = readKeyPair(this.config);
    const reason =
      reading.kind === 'broken'
        ? sentence(this.config, reading)
        : faultOfDates(reading.pair, this.config, nowMs);
    if (reading.kind === 'broken' || reason !== null) {
      const isNews = reason !== this.#fault;
      this.#fault = reason ?? '';
      if (isNews) this.reloadFailures++;
      return { kind: 'kept', reason: this.#fault, isNews };
    }
    this.#fault = '';
    this.#pair = reading.pair;
    this.reloads++;
    return { kind: 'replaced' };
  }

  context(options: SecureContextOptions): SecureContext {
    return createSecureContext({ ...options, ...this.secrets() });
  }

  secrets(): Pick<SecureContextOptions, 'cert' | 'key' | 'passphrase'> {
    const { cert, key, passphrase } = this.#pair;
    return {
      cert,
      key: key.reveal(),
      ...(passphrase !== null && { passphrase: passphrase.reveal() }),
    };
  }

  /** By what they hold: links are swapped and clocks are coarse. */
  get #isUntouched(): boolean {
    const cert = readText(this.config.certFile);
    const key = readText(this.config.keyFile);
    const isSame = cert.kind === 'read' && cert.text === this.#pair.cert;
    return isSame && key.kind === 'read' && key.text === this.#pair.key.reveal();
  }
}

function faultOfDates(
  pair: KeyPair,
  { certFile }: CertificateConfig,
  nowMs: number,
): string | null {
  if (pair.notAfterMs <= nowMs) return `${certFile} holds a certificate that has expired`;
  return pair.notBeforeMs > nowMs ? `${certFile} holds a certificate that is not valid yet` : null;
}

function sentence(
  config: CertificateConfig,
  { file, reason }: Extract<KeyPairReading, { kind: 'broken' }>,
): string {
  return `${String(config[file])} ${reason}`;
}
