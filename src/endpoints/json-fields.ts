/** What a body holds that should be a JSON object with these fields, all strings. */
export type JsonFields<Name extends string> =
  | { readonly kind: 'read'; readonly fields: Readonly<Record<Name, string>> }
  /** Not JSON at all, or not UTF-8. */
  | { readonly kind: 'malformed' }
  /** JSON, but without one of the fields, or with another type. */
  | { readonly kind: 'incomplete' };

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads a body as JSON whatever its content type says: curl sends JSON as a form unless it is told otherwise. */
export function readJsonFields<Name extends string>(
  body: Buffer,
  names: readonly Name[],
): JsonFields<Name> {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(body));
  } catch {
    return { kind: 'malformed' };
  }
  if (typeof value !== 'object' || value === null) return { kind: 'incomplete' };
  const own = new Map<string, unknown>(Object.entries(value));
  const fields: [Name, string][] = [];
  for (const name of names) {
    const field = own.get(name);
    if (typeof field !== 'string') return { kind: 'incomplete' };
    fields.push([name, field]);
  }
  // Every name has its entry: the loop above leaves otherwise.
  return { kind: 'read', fields: Object.fromEntries(fields) as Record<Name, string> };
}
