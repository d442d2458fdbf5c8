import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './curl.ts';

/** Files of a certificate and of who signed it. */
export interface Certificates {
  readonly ca: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority of its own and a server certificate for these names (`DNS:localhost,IP:127.0.0.1`), made by openssl. */
export async function makeCertificates(folder: string, names: string): Promise<Certificates> {
  const file = (name: string): string => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl([
    ...['req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem')],
    ...['-days', '2', '-subj', '/CN=Test authority'],
  ]);
  await openssl([
    ...['req', '-x509', ...key, '-keyout', file('server.key'), '-out', file('server.pem')],
    ...['-days', '2', '-subj', '/CN=test server', '-addext', `subjectAltName=${names}`],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-CA', file('ca.pem'), '-CAkey', file('ca.key')],
  ]);
  return {
    ca: await readFile(file('ca.pem'), 'utf8'),
    caFile: file('ca.pem'),
    certFile: file('server.pem'),
    keyFile: file('server.key'),
  };
}

async function openssl(args: readonly string[]): Promise<void> {
  const { code, stderr } = await run('openssl', args);
  if (code !== 0) throw new Error(`openssl ended with ${String(code)}: ${stderr}`);
}
