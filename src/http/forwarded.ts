import { isIP } from 'node:net';
import { withoutBlanks } from './blank.ts';

/** What a chain of proxies says of one hop: whom it saw, and how that one had asked. Undefined: nothing usable. */
export interface ForwardedHop {
  /** An address in its plain form. */
  readonly address: string | undefined;
  readonly proto: string | undefined;
  readonly host: string | undefined;
}

const MAPPED = '::ffff:';

/**
 * The address in one element of X-Forwarded-For or in a `for=`: as it is, or with a port, IPv6 also in brackets.
 * Undefined for names, `unknown`, obfuscated ones and rubbish.
 */
export function forwardedAddress(text: string): string | undefined {
  const bare = text.startsWith('[')
    ? /^\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?$/.exec(text)?.[1]
    : /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(text)?.[1];
  const address = (bare ?? text).toLowerCase();
  if (isIP(address) === 0) return undefined;
  return address.startsWith(MAPPED) && address.includes('.')
    ? address.slice(MAPPED.length)
    : address;
}

/** The elements of a list field, empty ones left out (RFC 9110 §5.6.1). */
function listElements(value: string): string[] {
  return value
    .split(',')
    .map((element) => withoutBlanks(element))
    .filter((element) => element !== '');
}

/**
 * X-Forwarded-For, -Proto and -Host as hops, the client's end first. Proto and host are one value for all where one is
 * given; of several, those count that stand beside the hop, else the last: the nearest proxy wrote that.
 */
export function hopsOfXForwarded(
  addresses: string,
  protos: string | undefined,
  hosts: string | undefined,
): ForwardedHop[] {
  const chain = listElements(addresses);
  const protoList = listElements(protos ?? '');
  const hostList = listElements(hosts ?? '');
  const beside = (list: readonly string[], index: number): string | undefined =>
    list.length === chain.length ? list[index] : list.at(-1);
  return chain.map((element, index) => ({
    address: forwardedAddress(element),
    proto: beside(protoList, index)?.toLowerCase(),
    host: beside(hostList, index),
  }));
}

/** One parameter of a `Forwarded` element (RFC 7239 §4): a token, or a quoted string. */
const PAIR =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:([!#$%&'*+.^_`|~0-9A-Za-z:[\]-]+)|"((?:[^"\\]|\\.)*)")$/;

/** `Forwarded` as hops, the client's end first; null where it cannot be read. */
export function hopsOfForwarded(value: string): ForwardedHop[] | null {
  const hops: ForwardedHop[] = [];
  for (const element of splitUnquoted(value, ',')) {
    if (element === '') continue;
    const found = new Map<string, string>();
    for (const text of splitUnquoted(element, ';')) {
      if (text === '') continue;
      const pair = PAIR.exec(text);
      const name = pair?.[1]?.toLowerCase();
      if (pair === null || name === undefined || found.has(name)) return null;
      found.set(name, pair[2] ?? (pair[3] ?? '').replace(/\\(.)/g, '$1'));
    }
    const from = found.get('for');
    hops.push({
      address: from === undefined ? undefined : forwardedAddress(from),
      proto: found.get('proto')?.toLowerCase(),
      host: found.get('host'),
    });
  }
  return hops;
}

function splitUnquoted(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at <= text.length; at++) {
    const char = text.charAt(at);
    if (at === text.length || (char === separator && !isQuoted)) {
      parts.push(withoutBlanks(text.slice(start, at)));
      start = at + 1;
    } else if (char === '"') isQuoted = !isQuoted;
    else if (char === '\\' && isQuoted) at++;
  }
  return parts;
}

/** A `Forwarded` value with one element. */
export function forwardedValue(address: string, isSecure: boolean, host: string): string {
  const from = address.includes(':') ? `"[${address}]"` : address;
  const to = host === '' ? '' : `;host=${/^[A-Za-z0-9_.-]+$/.test(host) ? host : `"${host}"`}`;
  return `for=${from};proto=${isSecure ? 'https' : 'http'}${to}`;
}
