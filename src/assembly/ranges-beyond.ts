import { AddressSet } from '../lib/address-set.ts';

/** Those of `after` that are not within one of `before`. */
export function rangesBeyond(
  before: readonly string[],
  after: readonly string[],
): readonly string[] {
  return after.filter((range) => !before.some((wide) => isWithin(range, wide)));
}

function isWithin(range: string, wide: string): boolean {
  const [address = ''] = range.split('/');
  return bitsOf(wide) <= bitsOf(range) && new AddressSet([wide]).has(address);
}

function bitsOf(range: string): number {
  const [address = '', bits] = range.split('/');
  return Number(bits ?? (address.includes(':') ? 128 : 32));
}
