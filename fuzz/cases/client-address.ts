/** Octets of an address that are counted with: neither 0 nor 255, which have meanings of their own. */
const BASE = 254;

/**
 * The address that a case comes from: one of its own, out of 127.0.0.0/8. The gateway writes it into what it forwards
 * and into its access log, so nobody has to be believed about which case a request belongs to.
 */
export function addressOf(index: number): string {
  const low = 1 + (index % BASE);
  const middle = 1 + (Math.floor(index / BASE) % BASE);
  const high = 1 + (Math.floor(index / (BASE * BASE)) % BASE);
  return `127.${high}.${middle}.${low}`;
}

/** The case of an address; -1 for one that no case comes from. */
export function caseOfAddress(address: string): number {
  const match = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  if (match === null) return -1;
  const [high = 0, middle = 0, low = 0] = match.slice(1).map(Number);
  if (high === 0 || middle === 0 || low === 0) return -1;
  return ((high - 1) * BASE + middle - 1) * BASE + low - 1;
}
