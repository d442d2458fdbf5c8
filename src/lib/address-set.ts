import { BlockList, isIP } from 'node:net';

/** Addresses, given as ranges such as `10.0.0.0/8`. */
export class AddressSet {
  readonly isEmpty: boolean;
  /** The list that says yes: Node's name for it comes from its other use. */
  readonly #list = new BlockList();

  constructor(ranges: readonly string[]) {
    this.isEmpty = ranges.length === 0;
    for (const range of ranges) {
      const [address = '', bits] = range.split('/');
      const family = address.includes(':') ? 'ipv6' : 'ipv4';
      this.#list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
    }
  }

  /** False for anything that is no address. */
  has(address: string): boolean {
    if (this.isEmpty) return false;
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  }
}
