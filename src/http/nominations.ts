/**
 * The names that a Connection field nominates, ready to be asked about each field; null for none, as nearly always. A set,
 * because a head can nominate as many names as it has room for, and has fields to be compared with each.
 */
export function nominations(names: readonly string[]): ReadonlySet<string> | null {
  return names.length === 0 ? null : new Set(names);
}
