const mask = '***';

/** What lets somebody in is usually called so, in fields and in parameters. */
const secretPart =
  /auth|token|secret|passw|pwd|api-?key|sess|signature|cookie|jwt|oidc|saml|credential|bearer|assertion/i;
/** Too short to be looked for within other words. */
const secretWord =
  /(?:^|[^a-z0-9])(?:sid|sig|ticket|key|code|state|nonce|otp|pin|pass|pw|hmac|mac)(?:$|[^a-z0-9])|key$/i;

export function isSecretName(name: string): boolean {
  return secretPart.test(name) || secretWord.test(name);
}

/** Parameters of a query, a path or a fragment; a separator may be hidden from us, but not from an application. */
const parameter = /([?&;#]|%3b|%26|%3f|%23)([^=&;#]*?)(=|%3d)([^&;#]*)/gi;
/** The same within a path, where a segment ends the value. */
const pathParameter = /(;|%3b)([^=;/?#]*?)(=|%3d)([^;/?#]*)/gi;
const signedToken = /eyJ[\w-]*\.[\w-]*\.[\w.=-]*/g;
const userinfo = /(:\/\/)[^/?#@\s]*@/g;
/** An address within an address within an address is nobody's honest one. */
const depthMax = 3;

/** A request target or a path without the values that would let its reader in. */
export function maskedTarget(target: string): string {
  return masked(target, 0);
}

/** The same of a field's value: an address, or parameters from its beginning on. */
export function maskedValue(value: string): string {
  return masked(`?${value}`, 0).slice(1);
}

function masked(text: string, depth: number): string {
  const maskOne = (whole: string, mark: string, name: string, equals: string, value: string) =>
    isSecretName(decoded(name)) || hides(value, depth) ? `${mark}${name}${equals}${mask}` : whole;
  const query = text.search(/[?#]/);
  const end = query < 0 ? text.length : query;
  return (
    text.slice(0, end).replaceAll(pathParameter, maskOne) +
    text.slice(end).replaceAll(parameter, maskOne)
  )
    .replaceAll(userinfo, `$1${mask}@`)
    .replaceAll(signedToken, mask);
}

/** Whether it is an address or a query of its own, with a secret in it. */
function hides(value: string, depth: number): boolean {
  const plain = decoded(value);
  if (plain === value && !value.includes('=')) return false;
  return depth >= depthMax || masked(`?${plain}`, depth + 1) !== `?${plain}`;
}

/** Octet by octet: what cannot be decoded stays. */
function decoded(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_whole, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
