import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TokensConfig } from '../config/tokens.ts';
import type { Clock } from '../lib/clock.ts';

/** What a form is for: what was made for one is worth nothing to another. */
export type FormPurpose = 'login' | 'back' | 'session';

/** What is remembered in a form, by name. */
export type FormFields = Readonly<Record<string, string>>;

const derivationLabel = 'portcullis form state, HS256';
const keyBytes = 32;
const bindingBytes = 16;
const bindingPattern = /^[A-Za-z0-9_-]{22}$/;
/** Longer than any of ours with the longest return target. */
const charactersMax = 6_000;
const pattern = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/**
 * What a page carries from the browser that it was made for back to us: purpose, end of validity and fields, all of them
 * under one HMAC together with the binding, which is a secret of that browser and is not in the text. Whoever changes a
 * parameter, adds one, comes too late, or comes from another browser has nothing.
 *
 * The keys are derived from those of the session tokens, so that every node knows every other's forms; where none are
 * configured, forms end with the process, as sessions do.
 */
export class FormStates {
  readonly #keys: readonly Uint8Array[];
  readonly #clock: Clock;
  readonly #random: (bytes: number) => Buffer;

  constructor(config: TokensConfig, clock: Clock, random: (bytes: number) => Buffer = randomBytes) {
    this.#clock = clock;
    this.#random = random;
    const secrets = config.keys.map(({ secret }) => Buffer.from(secret.reveal(), 'utf8'));
    this.#keys = (secrets.length === 0 ? [random(keyBytes)] : secrets).map(
      (secret) =>
        new Uint8Array(hkdfSync('sha256', secret, Buffer.alloc(0), derivationLabel, keyBytes)),
    );
  }

  /** A secret for a browser that has none yet. */
  createBinding(): string {
    return this.#random(bindingBytes).toString('base64url');
  }

  /** Whether it could be one of ours. */
  isBinding(text: string | null): text is string {
    return text !== null && bindingPattern.test(text);
  }

  seal(purpose: FormPurpose, fields: FormFields, binding: string, lifeMs: number): string {
    const payload = JSON.stringify([purpose, this.#clock.now() + lifeMs, fields]);
    const text = Buffer.from(payload).toString('base64url');
    const [issuing] = this.#keys;
    if (issuing === undefined) throw new Error('no key');
    return `${text}.${macOf(issuing, text, binding).toString('base64url')}`;
  }

  /** The fields, or null for whatever we did not make, for this, for whoever has the binding, lately. */
  open(sealed: string | null, purpose: FormPurpose, binding: string): FormFields | null {
    if (sealed === null || sealed.length > charactersMax) return null;
    const [, text, mac] = pattern.exec(sealed) ?? [];
    if (text === undefined || mac === undefined) return null;
    const given = Buffer.from(mac, 'base64url');
    // One spelling of each: the last character has unused bits.
    if (given.toString('base64url') !== mac) return null;
    if (!this.#keys.some((key) => timingSafeEqual(macOf(key, text, binding), given))) return null;
    // We wrote it: the HMAC says so.
    const [madeFor, endsAtMs, fields] = JSON.parse(
      Buffer.from(text, 'base64url').toString('utf8'),
    ) as [FormPurpose, number, FormFields];
    return madeFor === purpose && this.#clock.now() < endsAtMs ? fields : null;
  }
}

function macOf(key: Uint8Array, text: string, binding: string): Buffer {
  // Neither part holds a line feed: where one ends and the other begins is no question.
  return createHmac('sha256', key).update(`${text}\n${binding}`).digest();
}
