import type { Principal } from '../identity/principal.ts';

/** Somebody whom a token that came with the request vouches for. */
export interface LiveBearer {
  readonly principal: Principal;
  /** Ready to be written into a request to an upstream. */
  readonly identityFields: string;
  /** Wall clock; after that the token is shown to those who check it again. */
  readonly goodUntilMs: number;
  /** Wall clock: from then on the token lets nobody in, and what it opened ends. */
  readonly endsAtMs: number;
}

export type BearerResolution =
  | { readonly kind: 'valid'; readonly bearer: LiveBearer }
  | { readonly kind: 'none' | 'unavailable' };

/** What authentication asks about tokens that come with requests. */
export interface BearerTokens {
  /** For those that were found good before; no promise, no allocation. */
  peek(token: string, nowMs: number): LiveBearer | undefined;
  resolve(token: string): Promise<BearerResolution>;
}

const form = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * The token of an Authorization field (RFC 6750 §2.1); null for none, and for every other scheme. A `Bearer` without a
 * token in its form gives an empty one, which nobody takes: whoever says `Bearer` does not fall back to a cookie.
 */
export function bearerTokenOf(field: string | undefined): string | null {
  if (field === undefined || !/^bearer(?: |$)/i.test(field)) return null;
  return form.exec(field)?.[1] ?? '';
}
