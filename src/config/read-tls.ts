import { dirname, resolve } from 'node:path';
import { checkAuthorities, checkKeyPair, keyPairFiles } from './key-pair-options.ts';
import type { Part } from './read-options.ts';
import { partAt } from './read-options.ts';
import type { ClientCertificatesConfig, TlsConfig, TlsOptions } from './tls.ts';

/** Reports what is wrong with the files of a `tls` section; `part` is the section. */
export function checkTls(options: TlsOptions, part: Part, configPath: string): void {
  for (const [index, certificate] of options.certificates.entries()) {
    const inner = partAt(part, 'certificates', index);
    const reading = checkKeyPair(keyPairFiles(certificate, configPath), inner);
    if (reading.kind === 'broken' || certificate.names.length > 0) continue;
    if (reading.pair.names.length > 0 || index === 0) continue;
    const message = 'names a certificate without a host name, so that nobody could ask for it';
    part.document.problems.add([...inner.path, 'certFile'], message, 'expected names: beside it');
  }
  const { clientCertificates } = options;
  if (clientCertificates === undefined) return;
  const inner = partAt(part, 'clientCertificates');
  checkAuthorities(resolve(dirname(configPath), clientCertificates.caFile), inner, 'caFile');
  checkFieldsDiffer(clientCertificates, inner);
}

function checkFieldsDiffer(
  fields: NonNullable<TlsOptions['clientCertificates']>,
  part: Part,
): void {
  const seen = new Set<string>();
  for (const name of ['subjectField', 'fingerprintField', 'namesField'] as const) {
    const field = fields[name]?.toLowerCase();
    if (field === undefined) continue;
    if (seen.has(field)) {
      const message = `is ${JSON.stringify(fields[name])}, which tells something else already`;
      part.document.problems.add([...part.path, name], message, 'expected a field of its own');
    }
    seen.add(field);
  }
}

export function tlsConfig(options: TlsOptions, configPath: string): TlsConfig {
  const { clientCertificates } = options;
  return {
    certificates: options.certificates.map((certificate) => ({
      ...keyPairFiles(certificate, configPath),
      label: certificate.certFile,
      names: certificate.names,
    })),
    unknownNames: options.unknownNames,
    minVersion: options.minVersion,
    ciphers: options.ciphers.join(':'),
    clientCertificates: clientCertificates ? clientConfig(clientCertificates, configPath) : null,
    hasSessionTickets: options.sessionTickets && clientCertificates === undefined,
    ticketRotationMs: options.ticketRotation,
    isHttp2Offered: options.http2,
    handshakeTimeoutMs: options.handshakeTimeout,
    reloadIntervalMs: options.reloadInterval,
  };
}

function clientConfig(
  options: NonNullable<TlsOptions['clientCertificates']>,
  configPath: string,
): ClientCertificatesConfig {
  const { mode, caFile, subjectField, fingerprintField, namesField } = options;
  return {
    mode,
    caFile: resolve(dirname(configPath), caFile),
    subjectField: subjectField ?? null,
    fingerprintField: fingerprintField ?? null,
    namesField: namesField ?? null,
  };
}
