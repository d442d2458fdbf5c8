/**
 * What stands for one customer: an IPv4 address, or the first 64 bits of an IPv6 one, of which everybody has 2⁶⁴ to
 * change between. The address is one that Node has written: lower case, shortened once.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const bare = address.includes('%') ? address.slice(0, address.indexOf('%')) : address;
  const [before = '', after] = bare.split('::');
  const head = before === '' ? [] : before.split(':');
  if (after !== undefined) {
    // A dotted quad at the end stands for two groups.
    const tail = after === '' ? [] : after.split(':');
    const groups = tail.length + (after.includes('.') ? 1 : 0);
    while (head.length + groups < 8) head.push('0');
    head.push(...tail);
  }
  return `${head.slice(0, 4).join(':')}::/64`;
}
