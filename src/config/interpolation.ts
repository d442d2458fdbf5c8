import type { Environment } from './read.ts';

export type Interpolated =
  /** Nothing to fill in. */
  | { readonly kind: 'unchanged' }
  /** The escape `$${` alone also counts: the text is another one than the file has. */
  | { readonly kind: 'filled'; readonly text: string }
  | { readonly kind: 'unset'; readonly names: readonly string[] }
  /** A `${` that begins nothing we know. */
  | { readonly kind: 'malformed' };

const reference = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g;

/**
 * Fills in `${NAME}` and `${NAME:-default}` from the environment; the default also stands in for an
 * empty value, as in a shell. `$${` gives `${`. What comes out is not read again: a value cannot
 * bring references of its own.
 */
export function interpolate(text: string, environment: Environment): Interpolated {
  if (!text.includes('${')) return { kind: 'unchanged' };
  const unset: string[] = [];
  let isMalformed = false;
  const filled = text.replace(
    reference,
    (whole: string, name: string | undefined, fallback: string | undefined) => {
      if (whole === '$${') return '${';
      if (name === undefined) {
        isMalformed = true;
        return whole;
      }
      const value = environment[name];
      if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
      if (value === undefined) unset.push(name);
      return value ?? '';
    },
  );
  if (isMalformed) return { kind: 'malformed' };
  if (unset.length > 0) return { kind: 'unset', names: unset };
  return { kind: 'filled', text: filled };
}
