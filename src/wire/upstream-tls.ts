import { isIP } from 'node:net';
import type { ConnectionOptions, SecureContext } from 'node:tls';
import { nodeTls } from '../lib/node-tls.ts';
import { readAuthorities, readKeyPair } from '../config/key-pair.ts';
import type { UpstreamTlsConfig } from '../config/upstream-tls.ts';

type SecuredOptions = Pick<
  ConnectionOptions,
  'secureContext' | 'ALPNProtocols' | 'rejectUnauthorized' | 'servername'
>;

/** How the servers of an upstream are spoken to over TLS, made ready once for all connections. */
export class UpstreamTls {
  readonly #config: UpstreamTlsConfig;
  readonly #context: SecureContext;

  /** Throws where files cannot be used. */
  constructor(config: UpstreamTlsConfig) {
    this.#config = config;
    this.#context = nodeTls().createSecureContext({
      minVersion: config.minVersion,
      ...(config.caFile !== null && { ca: authoritiesOf(config.caFile) }),
      ...ownCertificate(config),
    });
  }

  /** What a connection to a server of this host, as the configuration has it, adds to its address. */
  optionsFor(host: string): SecuredOptions {
    const { isVerified } = this.#config;
    // A server that is asked for by its address has to have that in its certificate.
    const serverName = this.#config.serverName ?? (isIP(host) === 0 ? host : null);
    return {
      secureContext: this.#context,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: isVerified,
      ...(serverName !== null && { servername: serverName }),
    };
  }
}

function authoritiesOf(path: string): string {
  const reading = readAuthorities(path);
  if (reading.kind === 'broken') throw new Error(`${path} ${reading.reason}`);
  return reading.pem;
}

function ownCertificate({ clientCertificate }: UpstreamTlsConfig): object {
  if (clientCertificate === null) return {};
  const reading = readKeyPair(clientCertificate);
  if (reading.kind === 'broken') {
    throw new Error(`${String(clientCertificate[reading.file])} ${reading.reason}`);
  }
  const { cert, key, passphrase } = reading.pair;
  return {
    cert,
    key: key.reveal(),
    ...(passphrase !== null && { passphrase: passphrase.reveal() }),
  };
}
