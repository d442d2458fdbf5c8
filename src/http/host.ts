import { isIPv6 } from 'node:net';

/** `host[:port]` as RFC 9110 §7.2 has it, narrowed to what names a server: `_` is in, because NGINX sends such names. */
const HOST =
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_.-])?|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?$/;

export interface CanonicalHost {
  /** Lower case, without port and without one trailing dot. */
  readonly name: string;
  /** With the port, as it is passed on. */
  readonly authority: string;
}

/** The canonical form of a Host value, or null if it is none. */
export function canonicalHost(value: string): CanonicalHost | null {
  const match = HOST.exec(value);
  if (match === null) return null;
  const port = match[1];
  if (port !== undefined && Number(port) > 65_535) return null;
  const whole = value.toLowerCase();
  const full = port === undefined ? whole : whole.slice(0, -(port.length + 1));
  if (full.includes('..')) return null;
  if (full.startsWith('[') && !isIPv6(full.slice(1, -1))) return null;
  const name = full.endsWith('.') ? full.slice(0, -1) : full;
  return { name, authority: port === undefined ? name : `${name}:${port}` };
}
