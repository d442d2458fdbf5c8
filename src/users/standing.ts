import { createHash } from 'node:crypto';
import type { Principal } from '../identity/principal.ts';

/** How somebody who logged in stands with a directory now. */
export type Standing =
  | {
      readonly kind: 'accepted';
      readonly principal: Principal;
      /**
       * Another one when the password is: equal marks mean an unchanged password. Null where the
       * directory does not say.
       */
      readonly passwordMark: string | null;
    }
  /** Unknown, deleted or disabled. */
  | { readonly kind: 'rejected' }
  | { readonly kind: 'unavailable' };

/** Says nothing about the password: what it is made from is already a salted hash, or a time. */
export function passwordMarkOf(storedText: string): string {
  return createHash('sha256').update(storedText, 'utf8').digest('base64url').slice(0, 22);
}
