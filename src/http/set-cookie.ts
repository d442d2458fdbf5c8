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

/** One cookie of ours: its Set-Cookie values, ready for either kind of connection. Setting one is two string additions. */
export class OwnCookie {
  readonly #clearText: CookieLines;
  readonly #secure: CookieLines;

  /** `ending`: what the name has at its end, beside that of the session's cookie. */
  constructor(settings: CookieSettings, ending = '') {
    this.#clearText = linesFor(settings, ending, false);
    this.#secure = linesFor(settings, ending, true);
  }

  nameFor(isSecure: boolean): string {
    return this.#linesFor(isSecure).name;
  }

  /** A Set-Cookie value that hands out the value. Only the owner of the cookie ever gets to see it. */
  setting(value: string, isSecure: boolean): string {
    const lines = this.#linesFor(isSecure);
    return lines.prefix + value + lines.suffix;
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

/** The cookie with the token of the session, and the two beside it that only the login page and staff have. */
export class SessionCookie extends OwnCookie {
  /** Ties the login form to the browser that it was made for. */
  readonly login: OwnCookie;
  /** The token of the member of staff who acts for somebody: who has only the other one cannot become staff with it. */
  readonly actor: OwnCookie;
  /** Every name of ours, on both kinds of connection. */
  readonly names: readonly string[];
  readonly #clearTextAliases: readonly string[];
  readonly #secureAliases: readonly string[];

  /** `others`: names of ours that mean nothing here, and are no application's either. */
  constructor(settings: CookieSettings, ending = '', others: readonly string[] = []) {
    super(settings, ending);
    this.login = new OwnCookie({ ...settings, maxAgeMs: 0 }, `${ending}-login`);
    this.actor = new OwnCookie({ ...settings, maxAgeMs: 0 }, `${ending}-actor`);
    const all = [this, this.login, this.actor];
    this.names = [
      ...all.flatMap((cookie) => [cookie.nameFor(false), cookie.nameFor(true)]),
      ...others,
    ];
    this.#clearTextAliases = this.names.filter((name) => name !== this.nameFor(false));
    this.#secureAliases = this.names.filter((name) => name !== this.nameFor(true));
  }

  /** What no application gets to see, beside the name itself. */
  aliasesFor(isSecure: boolean): readonly string[] {
    return isSecure ? this.#secureAliases : this.#clearTextAliases;
  }
}

function linesFor(settings: CookieSettings, ending: string, isSecure: boolean): CookieLines {
  const name = cookieNameFor(settings, isSecure) + ending;
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
