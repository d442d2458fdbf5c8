import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import { checkAuthorities, checkKeyPair, file, keyPairFiles } from './key-pair-options.ts';
import { keyPairFields } from './key-pair-options.ts';
import type { KeyPairFiles } from './key-pair.ts';
import { flag, oneOf, optionBlock, text } from './kinds.ts';
import type { Part } from './read-options.ts';
import { partAt } from './read-options.ts';

/** How servers are spoken to over TLS. */
export interface UpstreamTlsConfig {
  /** False: whoever answers is believed. */
  readonly isVerified: boolean;
  /** Whose certificates are believed; null: those that browsers believe. */
  readonly caFile: string | null;
  /** The name that is asked for and that the certificate must have; null: the server's host. */
  readonly serverName: string | null;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Shown to servers that ask; null: none is. */
  readonly clientCertificate: KeyPairFiles | null;
}

export const upstreamTlsOptions = optionBlock({
  verify: flag()
    .default(true)
    .describe(
      "Whether a server has to prove its name. Default true. False is for a developer's " +
        'machine: whoever is on the way to the server reads and writes everything.',
    ),
  caFile: file()
    .optional()
    .describe(
      'The file with the authorities that certify the servers, PEM, in place of the public ' +
        'ones. Default: the public ones.',
    ),
  serverName: text(
    /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/,
    'a host name such as app.internal',
  )
    .optional()
    .describe(
      'The name that servers are asked for and that their certificates must have. Default: the ' +
        'host of the server; needed where that is an address.',
    ),
  minVersion: oneOf(['TLSv1.2', 'TLSv1.3'])
    .default('TLSv1.2')
    .describe('The oldest version that is spoken. Default `TLSv1.2`.'),
  clientCertificate: optionBlock(keyPairFields)
    .optional()
    .describe('Our own certificate, for servers that ask who we are. Default: none.'),
}).describe('How those of the servers that begin with https:// are spoken to.');

type UpstreamTlsOptions = z.output<typeof upstreamTlsOptions>;

export function checkUpstreamTls(
  { caFile, clientCertificate }: UpstreamTlsOptions,
  part: Part,
  configPath: string,
): void {
  if (caFile !== undefined) checkAuthorities(resolve(dirname(configPath), caFile), part, 'caFile');
  if (clientCertificate !== undefined) {
    checkKeyPair(keyPairFiles(clientCertificate, configPath), partAt(part, 'clientCertificate'));
  }
}

export function upstreamTlsConfig(
  options: UpstreamTlsOptions,
  configPath: string,
): UpstreamTlsConfig {
  const { verify, caFile, serverName, minVersion, clientCertificate } = options;
  return {
    isVerified: verify,
    caFile: caFile === undefined ? null : resolve(dirname(configPath), caFile),
    serverName: serverName ?? null,
    minVersion,
    clientCertificate:
      clientCertificate === undefined ? null : keyPairFiles(clientCertificate, configPath),
  };
}
