/**
 * Whether a path is the one spelling in which requests are compared with it: what a request's path
 * is after it was normalised. One that is not would never match, or only what its author did not
 * mean.
 */
export function isCanonicalPath(path: string): boolean {
  return form.test(path) && path.split('/').every(isCanonicalSegment);
}

/**
 * Segments that are not empty (the last one may be), of what a path may hold, with escapes in upper
 * case.
 */
const form =
  /^\/(?:(?:[A-Za-z0-9._~!$&'()*+,=:@;-]|%[0-9A-F]{2})+\/)*(?:[A-Za-z0-9._~!$&'()*+,=:@;-]|%[0-9A-F]{2})*$/;

function isCanonicalSegment(segment: string): boolean {
  if (segment === '.' || segment === '..') return false;
  for (const [, hex = ''] of segment.matchAll(/%(..)/g)) {
    const char = String.fromCharCode(Number.parseInt(hex, 16));
    // An escape that stands for itself, or that no request may hold: NUL, / and \.
    if (/[A-Za-z0-9._~\0/\\-]/.test(char)) return false;
  }
  return true;
}
