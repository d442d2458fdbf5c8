import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The one certificate that both sides of a comparison over TLS show. */
export interface BenchCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What both sides may choose from; browsers of today end with the first. */
export const benchCiphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
];

/** Made by openssl, for a day. */
export function makeBenchCertificate(directory: string): BenchCertificate {
  const certFile = join(directory, 'bench.pem');
  const keyFile = join(directory, 'bench.key');
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
      ...['-days', '1', '-subj', '/CN=bench', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', keyFile, '-out', certFile],
    ],
    { stdio: 'ignore' },
  );
  return { certFile, keyFile };
}
