import type * as z from 'zod';
import { duration } from './duration.ts';
import { oneOf, optionBlock, text } from './kinds.ts';

/** The cookie that carries the session token. */
export interface CookieConfig {
  /** Null: `__Host-portcullis` on TLS, `portcullis` in the clear. */
  readonly name: string | null;
  readonly path: string;
  readonly sameSite: 'Lax' | 'Strict' | 'None';
  /** 0: the cookie ends with the browser session. */
  readonly maxAgeMs: number;
}

const nameExpected =
  "a cookie name of at most 64 letters, digits and !#$%&'*+-.^_`|~, such as portcullis";

export const cookieOptions = optionBlock({
  name: text(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, nameExpected)
    .optional()
    .describe(
      'The name of the cookie. Without it: `__Host-portcullis` where the client comes over TLS, ' +
        'which no other host can plant, and `portcullis` in the clear. Names that begin with ' +
        '`__Host-` or `__Secure-` need TLS; browsers drop them otherwise.',
    ),
  path: text(
    /^\/[\x21-\x3a\x3c-\x7e]*$/,
    'a path that begins with / and holds neither blanks nor ;',
  )
    .default('/')
    .describe(
      'Below which path browsers send the cookie. Default `/`. A narrower path protects ' +
        'nothing: pages of the same host reach each other.',
    ),
  sameSite: oneOf(['Lax', 'Strict', 'None'])
    .default('Lax')
    .describe(
      '`Lax` (the default): not sent when another site posts or embeds. `Strict`: not even when ' +
        'another site links, so people who follow a link look logged out. `None`: always sent, ' +
        'which leaves the defence against forged requests to the application; needs TLS.',
    ),
  maxAge: duration({ min: '1s', max: '400d', zero: 'a cookie that ends with the browser session' })
    .prefault(0)
    .describe(
      'How long browsers keep the cookie, 1s to 400d, renewed while the session is in use. ' +
        'Default 0: until the browser is closed. The session ends by its own timeouts in either ' +
        'case.',
    ),
}).describe(
  'The cookie that carries the session token. It is always HttpOnly, and Secure over TLS.',
);

export function cookieConfig(options: z.output<typeof cookieOptions>): CookieConfig {
  const { name = null, path, sameSite, maxAge } = options;
  return { name, path, sameSite, maxAgeMs: maxAge };
}
