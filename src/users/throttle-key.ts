import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalUsername } from './username.ts';

const plainCharactersMax = 64;

/**
 * The name under which attempts at an account are counted. Directories take more than one spelling for a name (upper and
 * lower case, with and without accents, with characters that nobody sees), each in its way, so here all of them are one:
 * two people who then share a count lose nothing. Null for what is no name, which no directory would let in.
 */
export function accountKeyOf(username: string): string | null {
  const name = canonicalUsername(username);
  if (name === null) return null;
  const folded = name
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}\s]/gu, '')
    .toUpperCase()
    .toLowerCase();
  if (folded.length <= plainCharactersMax) return folded;
  return `${folded.slice(0, 16)}…${createHash('sha256').update(folded).digest('hex').slice(0, 32)}`;
}

/**
 * What attempts from an address are counted under: an IPv4 address, or the /64 of an IPv6 address, which one customer
 * has whole.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%', 1);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped !== undefined || isIPv4(bare)) return mapped ?? bare;
  if (!isIPv6(bare)) return bare;
  return `${groupsOf(bare).slice(0, 4).join(':')}::/64`;
}

/** The /48 of an IPv6 address: the most that one customer usually gets, and has for the asking. Null: it has none. */
export function siteOf(address: string): string | null {
  const [bare = ''] = address.split('%', 1);
  if (!isIPv6(bare) || /^::ffff:/i.test(bare)) return null;
  return `${groupsOf(bare).slice(0, 3).join(':')}::/48`;
}

function groupsOf(bare: string): string[] {
  // `URL` writes an address in the one way that RFC 5952 asks for.
  const shortest = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [before = '', after] = shortest.split('::');
  const front = before === '' ? [] : before.split(':');
  const back = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array.from({ length: zeros }, () => '0'), ...back];
}
