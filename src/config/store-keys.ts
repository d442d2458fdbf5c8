/**
 * Whether sessions of this store outlive the process while nothing was said about the keys that
 * open their tokens. A random key per start would then log everybody out at every restart, and each
 * worker would refuse the others' tokens.
 */
export function areKeysMissing(storeType: string, keys: readonly unknown[]): boolean {
  return storeType !== 'memory' && keys.length === 0;
}
