import type { Principal } from '../identity/principal.ts';

/**
 * What a directory says about a user: three answers, never two. An outage is not a refusal: it must
 * not be counted against anybody, nor end anybody's session.
 */
export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly principal: Principal;
      /** A user above staff: nobody acts for them or ends their sessions. */
      readonly isProtected?: boolean;
      /** See `Standing`; absent where the directory knows none. */
      readonly passwordMark?: string;
    }
  /** Unknown, wrong password or not allowed: which of them is nobody's business. */
  | {
      readonly kind: 'rejected';
      /**
       * Whose name it was, as the directory spells it, where it is somebody's. For counting and for
       * the audit log; the client is never told.
       */
      readonly whose?: { readonly directory: string; readonly subject: string };
    }
  /** The directory cannot tell now: it is out, or too busy. */
  | { readonly kind: 'unavailable' };

export const rejected = Object.freeze({ kind: 'rejected' } as const);
export const unavailable = Object.freeze({ kind: 'unavailable' } as const);

export function accepted(principal: Principal, passwordMark?: string | null): Verdict {
  return Object.freeze(
    typeof passwordMark === 'string'
      ? { kind: 'accepted', principal, passwordMark }
      : { kind: 'accepted', principal },
  );
}

/** `subject` null: nobody has that name. */
export function rejectedAs(directory: string, subject: string | null): Verdict {
  if (subject === null) return rejected;
  return Object.freeze({ kind: 'rejected', whose: Object.freeze({ directory, subject }) });
}
