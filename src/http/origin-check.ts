/** What a browser says about the page that made it send a request. */
export interface OriginClaims {
  /** The Origin field. */
  readonly origin: string | undefined;
  /** The Sec-Fetch-Site field. */
  readonly secFetchSite: string | undefined;
  readonly isSecure: boolean;
  /** Host with port as the request names it, canonical; empty for HTTP/1.0 without Host. */
  readonly host: string;
  /** Further origins whose pages may act here, spelled as a browser spells Origin. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Whether a request that changes something comes from a page of this site, of an allowed one, or from no page at all.
 *
 * A browser sends Origin with every POST, and a page can forge neither field. A client that sends neither is no
 * browser, so nobody rides on its cookies, and it passes. `Origin: null` (a sandboxed frame, a redirect across sites)
 * is nobody's own origin. `Sec-Fetch-Site: none` is the address bar or a bookmark. Where both fields are there, both
 * have to agree; only an allowed origin is cross-site by nature.
 */
export function isOwnOrigin(claims: OriginClaims): boolean {
  const { origin, secFetchSite } = claims;
  const isOwnSite =
    secFetchSite === undefined || secFetchSite === 'same-origin' || secFetchSite === 'none';
  if (origin === undefined) return isOwnSite;
  const claimed = origin.toLowerCase();
  if (claims.allowedOrigins.includes(claimed)) return true;
  return isOwnSite && claimed === originOf(claims.isSecure, claims.host);
}

/** The origin as a browser would write it (RFC 6454 §6.2: without the scheme's own port); null without a host. */
function originOf(isSecure: boolean, host: string): string | null {
  if (host === '') return null;
  const port = isSecure ? ':443' : ':80';
  const authority = host.endsWith(port) ? host.slice(0, -port.length) : host;
  return `${isSecure ? 'https' : 'http'}://${authority}`;
}
