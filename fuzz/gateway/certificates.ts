import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface KeyPairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface MadeCertificates {
  readonly edge: KeyPairFiles;
  /** For a name that the one above does not cover. */
  readonly other: KeyPairFiles;
  /** Of the upstream over TLS; it signs itself. */
  readonly upstream: KeyPairFiles;
}

export const EDGE_NAMES = ['edge.example', 'other.example'] as const;

/** Made by openssl, for two days. */
export function makeCertificates(folder: string): MadeCertificates {
  const make = (name: string, dnsName: string): KeyPairFiles => {
    const certFile = join(folder, `${name}.pem`);
    const keyFile = join(folder, `${name}.key`);
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
        ...['-days', '2', '-subj', `/CN=${dnsName}`, '-addext', `subjectAltName=DNS:${dnsName}`],
        ...['-keyout', keyFile, '-out', certFile],
      ],
      { stdio: 'ignore' },
    );
    return { certFile, keyFile };
  };
  return {
    edge: make('edge', EDGE_NAMES[0]),
    other: make('other', EDGE_NAMES[1]),
    upstream: make('upstream', 'sealed.example'),
  };
}
