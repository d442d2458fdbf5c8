/**
 * The one normalisation of a request target (RFC 3986 §6.2.2, RFC 9112 §3.2): routes, policy and upstream all use its
 * result, so no two readers can see two paths.
 */
export interface CanonicalTarget {
  /** Begins with `/`; a fixed point of this function. */
  readonly path: string;
  /** Byte for byte as it came, with its `?`; empty if there was none. */
  readonly query: string;
}

export type TargetProblem =
  | 'target-octet'
  | 'target-form'
  | 'path-backslash'
  | 'path-nul'
  | 'path-percent'
  | 'path-encoded-slash'
  | 'path-empty-segment';

/** Segments that do not begin with a dot, of characters that no step below would touch. */
const CANONICAL = /^(?:\/[A-Za-z0-9_~!$&'()*+,=:@;-][A-Za-z0-9._~!$&'()*+,=:@;-]*)*\/?$/;
const UNRESERVED = /[A-Za-z0-9._~-]/;
const ESCAPE = /%([0-9A-Fa-f]{2})?/g;

/** `target` in origin-form. `isStrict` refuses empty segments (`//`) instead of merging them. */
export function canonicalTarget(
  target: string,
  isStrict: boolean,
): CanonicalTarget | TargetProblem {
  if (target.charCodeAt(0) !== 0x2f) return 'target-form';
  for (let at = 0; at < target.length; at++) {
    const code = target.charCodeAt(at);
    // '#' begins a fragment, which no client may send: proxies that cut it and ones that do not disagree.
    if (code < 0x21 || code > 0x7e || code === 0x23) return 'target-octet';
  }
  const mark = target.indexOf('?');
  const raw = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark);
  if (CANONICAL.test(raw)) return raw === '' ? 'target-form' : { path: raw, query };
  const path = canonicalPath(raw, isStrict);
  return path.startsWith('/') ? { path, query } : (path as TargetProblem); // problems never begin with '/'
}

function canonicalPath(raw: string, isStrict: boolean): string {
  if (raw.includes('\\')) return 'path-backslash';
  if (isStrict && raw.includes('//')) return 'path-empty-segment';
  let problem = '';
  const decoded = raw.replace(ESCAPE, (whole, hex: string | undefined) => {
    if (hex === undefined) problem = 'path-percent';
    else if (hex === '00') problem = 'path-nul';
    else if (/^(?:2f|5c)$/i.test(hex)) problem = 'path-encoded-slash';
    else {
      const char = String.fromCharCode(Number.parseInt(hex, 16));
      return UNRESERVED.test(char) ? char : whole.toUpperCase();
    }
    return whole;
  });
  if (problem !== '') return problem;
  return withoutDotSegments(decoded);
}

/** RFC 3986 §5.2.4 over segments, with empty ones merged; `..` at the root stays at the root. */
function withoutDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/');
  for (const segment of segments) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  const last = segments.at(-1);
  const isFolder = last === '' || last === '.' || last === '..';
  return kept.length === 0 ? '/' : `/${kept.join('/')}${isFolder ? '/' : ''}`;
}

/** Escapes that a server may undo before it looks a path up, beside those that were undone already. */
const NEEDLESS_ESCAPE = /%(?:2[1246-9A-E]|3[A-E]|40|5[BDE]|60|7[B-D])/g;

/** The path as a server would see it that undoes every escape of a printable character but `%`, `/`, `?`, `#`, `\`. */
export function withoutEscapes(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(NEEDLESS_ESCAPE, (escape) =>
    String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
  );
}

/**
 * The path as a server would see it that takes `;…` in each segment for parameters (servlets do). Equal to the path
 * where there is no `;`. If it leads to another route, the request is ambiguous.
 */
export function withoutParameters(path: string): string {
  return path.includes(';') ? withoutDotSegments(path.replace(/;[^/]*/g, '')) : path;
}
