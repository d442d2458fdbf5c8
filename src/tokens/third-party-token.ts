import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import type { TokenAlgorithm } from '../config/token-directory.ts';
import type { KeyAnswer } from './provider-keys.ts';

/** What signed tokens say, by the names of claims. */
export type Claims = Readonly<Record<string, unknown>>;

export type TokenReading =
  | { readonly kind: 'valid'; readonly claims: Claims; readonly expiresAtMs: number }
  /** `reason` is for the log only. */
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'unavailable' };

interface ThirdPartyTokensParts {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly TokenAlgorithm[];
  readonly clockToleranceMs: number;
  readonly keys: { keyFor(id: string | undefined, algorithm: string): Promise<KeyAnswer> };
}

const tokenCharactersMax = 8192;
/** Three parts: what has five is encrypted, and who encrypted something has proved nothing (anybody can). */
const compactForm = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
/** Absent for most; other types are statements of another kind, such as "this user logged out". */
const types: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt']);

const other = (reason: string): TokenReading => ({ kind: 'rejected', reason });

/**
 * Signed tokens of one provider (JWT, RFC 7519, with the advice of RFC 8725). Which key is used is a matter between the
 * provider's own list and the token's `kid` and `alg`; whatever else a header offers (`jwk`, `jku`, `x5u`, `x5c`) is not
 * looked at, and an extension that has to be understood (`crit`) is not.
 */
export class ThirdPartyTokens {
  readonly #parts: ThirdPartyTokensParts;

  constructor(parts: ThirdPartyTokensParts) {
    this.#parts = parts;
  }

  async read(token: string, nowMs: number): Promise<TokenReading> {
    if (token.length > tokenCharactersMax || !compactForm.test(token)) return other('form');
    const unsure = this.#readUnsure(token);
    if (unsure.kind === 'rejected') return unsure;
    const found = await this.#parts.keys.keyFor(unsure.keyId, unsure.algorithm);
    if (found.kind === 'unavailable') return { kind: 'unavailable' };
    if (found.kind === 'none') return other('key');
    const { audiences, clockToleranceMs, issuer } = this.#parts;
    try {
      const { payload } = await jwtVerify(token, found.key, {
        algorithms: [unsure.algorithm],
        issuer,
        audience: [...audiences],
        clockTolerance: clockToleranceMs / 1000,
        currentDate: new Date(nowMs),
        requiredClaims: ['exp'],
      });
      return this.#judge(payload, nowMs);
    } catch (error) {
      if (error instanceof errors.JOSEError) return other(reasonOf(error));
      throw error;
    }
  }

  /** What decides whom to ask; nothing of it is believed yet. No network for what is not this provider's. */
  #readUnsure(
    token: string,
  ):
    | { kind: 'read'; keyId: string | undefined; algorithm: string }
    | Extract<TokenReading, { kind: 'rejected' }> {
    try {
      const { alg, crit, cty, kid, typ } = decodeProtectedHeader(token);
      const rejected = (reason: string) => ({ kind: 'rejected', reason }) as const;
      if (!this.#parts.algorithms.some((algorithm) => algorithm === alg) || alg === undefined) {
        return rejected('algorithm');
      }
      if (crit !== undefined || cty !== undefined) return rejected('header');
      const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
      if (!types.has(type)) return rejected('type');
      if (kid !== undefined && typeof kid !== 'string') return rejected('header');
      if (decodeJwt(token).iss !== this.#parts.issuer) return rejected('issuer');
      return { kind: 'read', keyId: kid, algorithm: alg };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) {
        return { kind: 'rejected', reason: 'form' };
      }
      throw error;
    }
  }

  #judge(payload: JWTPayload, nowMs: number): TokenReading {
    const { cnf, events, exp, iat } = payload;
    // Good only together with a proof that is not looked for here (RFC 7800), and no login at all (RFC 8417).
    if (cnf !== undefined) return other('bound');
    if (events !== undefined) return other('event');
    if (iat !== undefined && iat * 1000 > nowMs + this.#parts.clockToleranceMs) return other('iat');
    // `jwtVerify` has seen that it is there and a number.
    return { kind: 'valid', claims: payload, expiresAtMs: (exp ?? 0) * 1000 };
  }
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'exp';
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim;
  return error instanceof errors.JWSSignatureVerificationFailed ? 'signature' : 'form';
}
