import type { Principal } from '../identity/principal.ts';

/**
 * What a directory says about a user: three answers, never two. An outage is not a refusal: it must
 * not be counted against anybody, nor end anybody's session.
 */
export type Verdict =
  | { readonly kind: 'accepted'; readonly principal: Principal }
  /** Unknown, wrong password or not allowed: which of them is nobody's business. */
  | { readonly kind: 'rejected' }
  /** The directory cannot tell now: it is out, or too busy. */
  | { readonly kind: 'unavailable' };

export const rejected = Object.freeze({ kind: 'rejected' } as const);
export const unavailable = Object.freeze({ kind: 'unavailable' } as const);

export function accepted(principal: Principal): Verdict {
  return Object.freeze({ kind: 'accepted', principal });
}
