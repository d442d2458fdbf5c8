/** How the cookie of a login is written; the configuration's `cookie` section has this shape. */
export interface CookieSettings {
  /** Null: `__Host-portcullis` where the client's connection is TLS, `portcullis` in the clear. */
  readonly name: string | null;
  readonly path: string;
  readonly sameSite: 'Lax' | 'Strict' | 'None';
  /** 0: the cookie ends with the browser session. */
  readonly maxAgeMs: number;
}

/**
 * The name under which the token is looked for and set. On TLS never the clear-text one: a cookie planted through a
 * clear-text connection would otherwise log in on the protected one.
 */
export function cookieNameFor(settings: Pick<CookieSettings, 'name'>, isSecure: boolean): string {
  return settings.name ?? (isSecure ? '__Host-portcullis' : 'portcullis');
}

interface CookieLines {
  readonly name: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly clearing: string;
}

/** The two Set-Cookie values, ready for either kind of connection; setting one is two string additions. */
export class SessionCookie {
  readonly #clearText: CookieLines;
  readonly #secure: CookieLines;

  constructor(settings: CookieSettings) {
    this.#clearText = linesFor(settings, false);
    this.#secure = linesFor(settings, true);
  }

  nameFor(isSecure: boolean): string {
    return this.#linesFor(isSecure).name;
  }

  /** A Set-Cookie value that hands out the token. Only the owner of the cookie ever gets to see it. */
  setting(token: string, isSecure: boolean): string {
    const lines = this.#linesFor(isSecure);
    return lines.prefix + token + lines.suffix;
  }

  /**
   * A Set-Cookie value that removes the cookie. It repeats Path and Secure: a client removes a cookie only for the same
   * path, and takes a `__Host-` name only with both (RFC 6265bis §5.7).
   */
  clearing(isSecure: boolean): string {
    return this.#linesFor(isSecure).clearing;
  }

  #linesFor(isSecure: boolean): CookieLines {
    return isSecure ? this.#secure : this.#clearText;
  }
}

function linesFor(settings: CookieSettings, isSecure: boolean): CookieLines {
  const name = cookieNameFor(settings, isSecure);
  const protection = `; HttpOnly; SameSite=${settings.sameSite}${isSecure ? '; Secure' : ''}`;
  const maxAgeSeconds = Math.ceil(settings.maxAgeMs / 1000);
  const life = maxAgeSeconds > 0 ? `; Max-Age=${maxAgeSeconds}` : '';
  return {
    name,
    prefix: `${name}=`,
    suffix: `; Path=${settings.path}${life}${protection}`,
    clearing:
      `${name}=; Path=${settings.path}; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0` +
      protection,
  };
}
