import { isIP } from 'node:net';
import { canonicalHost, type CanonicalHost } from '../http/host.ts';

/**
 * By which names a browser may come. A page is led here by any name that its owner lets lead here (DNS rebinding), and
 * would then be of one origin with what it finds; so only names that nobody else has count: those of the configuration,
 * `localhost`, and the address that the client has in fact connected to.
 */
export class HostGate {
  readonly #names: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.#names = new Set([...names, 'localhost', '127.0.0.1', '[::1]']);
  }

  /** The host as it was named; null: not by this name. `localAddress`: of the connection, on our side. */
  admits(fields: readonly string[], localAddress: string | undefined): CanonicalHost | null {
    const [field = ''] = fields;
    const host = fields.length === 1 ? canonicalHost(field) : null;
    if (host === null) return null;
    if (this.#names.has(host.name)) return host;
    return localAddress !== undefined && host.name === nameOf(localAddress) ? host : null;
  }
}

/** An address as it stands in Host. */
function nameOf(address: string): string {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  return isIP(plain) === 6 ? `[${plain}]` : plain;
}
