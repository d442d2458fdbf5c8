import { nodeTls } from '../lib/node-tls.ts';
import type * as z from 'zod';
import { duration } from './duration.ts';
import { isFreeField } from './identity.ts';
import { file, keyPairFields } from './key-pair-options.ts';
import type { KeyPairFiles } from './key-pair.ts';
import { flag, listOf, oneOf, optionBlock, text, textThat } from './kinds.ts';

/** How a listener speaks TLS. */
export interface TlsConfig {
  /** At least one; the first is the default one. */
  readonly certificates: readonly CertificateConfig[];
  /** What a client gets that names a server nobody has a certificate for, or none. */
  readonly unknownNames: 'default' | 'refuse';
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's list, joined by colons. */
  readonly ciphers: string;
  /** Null: clients are not asked for one. */
  readonly clientCertificates: ClientCertificatesConfig | null;
  readonly hasSessionTickets: boolean;
  readonly ticketRotationMs: number;
  /** HTTP/2 is offered to clients, before HTTP/1.1. */
  readonly isHttp2Offered: boolean;
  readonly handshakeTimeoutMs: number;
  /** How often the files are looked at. */
  readonly reloadIntervalMs: number;
}

export interface CertificateConfig extends KeyPairFiles {
  /** As the file names it: what metrics and log lines call it. */
  readonly label: string;
  /** Names and patterns in place of those in the certificate; empty: those. */
  readonly names: readonly string[];
}

export interface ClientCertificatesConfig {
  /** `request`: a client without one is served as well; one whose certificate does not verify never is. */
  readonly mode: 'require' | 'request';
  /** Whose certificates are believed. */
  readonly caFile: string;
  /** The request fields in which upstreams are told; null: they are not. */
  readonly subjectField: string | null;
  readonly fingerprintField: string | null;
  readonly namesField: string | null;
}

/** Forward secrecy and authenticated encryption only; the client's order decides, which knows its hardware. */
const MODERN_CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

const nameExpected = 'a host name such as app.example.org or *.example.org, in lower case';
const fieldExpected =
  'a field name of letters, digits and hyphens that means nothing else yet, such as X-Client-Subject';

function clientField() {
  const pattern = /^[A-Za-z](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/;
  return textThat(isFreeField, pattern, fieldExpected).optional();
}

const certificateOptions = optionBlock({
  ...keyPairFields,
  names: listOf(
    text(/^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?$/, nameExpected),
    'host names',
  )
    .default([])
    .describe(
      'The names it serves, such as `app.example.org` or `*.example.org` (one label, not the ' +
        'name itself). Default: those in the certificate.',
    ),
}).describe('A certificate with its key, and the names it serves.');

const clientCertificatesOptions = optionBlock({
  mode: oneOf(['require', 'request']).describe(
    '`require`: no handshake without one. `request`: clients without one are served, too. One ' +
      'that does not verify ends the connection in either case. No default.',
  ),
  caFile: file().describe(
    'The file with the authorities that issue them, PEM. No default: whoever an authority in ' +
      'there certifies gets in.',
  ),
  subjectField: clientField().describe(
    'The request field that tells upstreams the subject, such as `CN=ada,O=Example` (RFC 2253). ' +
      'Default: none does. What clients send in it is removed on every listener.',
  ),
  fingerprintField: clientField().describe(
    'The request field that tells upstreams the SHA-256 of the certificate, in hexadecimal. ' +
      'Default: none does.',
  ),
  namesField: clientField().describe(
    'The request field that tells upstreams the alternative names, such as `DNS:ada.example`. ' +
      'Default: none does.',
  ),
}).describe('Certificates of clients (mTLS). Without this section nobody is asked for one.');

export const tlsOptions = optionBlock({
  certificates: listOf(certificateOptions, 'certificates')
    .min(1, { error: 'a list of at least one certificate, such as - {certFile: site.pem}' })
    .describe(
      'The certificates. The name that a client asks for decides, an exact one before a ' +
        'pattern; where two have it, the first. At least one.',
    ),
  unknownNames: oneOf(['default', 'refuse'])
    .default('default')
    .describe(
      'What a client gets that asks for no name, or for one that no certificate has: `default`, ' +
        'the first certificate; `refuse`, a handshake that fails (unrecognized_name). Default ' +
        '`default`, so that health checks by address work.',
    ),
  minVersion: oneOf(['TLSv1.2', 'TLSv1.3'])
    .default('TLSv1.2')
    .describe(
      'The oldest version that is spoken. Default `TLSv1.2`; nobody needs an older one. ' +
        '`TLSv1.3` shuts out clients from before 2018.',
    ),
  ciphers: listOf(
    text(/^[A-Z0-9_-]{3,64}$/, 'a cipher as OpenSSL names it, such as TLS_AES_128_GCM_SHA256'),
    'ciphers',
  )
    .min(1, { error: 'a list of at least one cipher' })
    .refine(areCiphers, { error: 'ciphers that OpenSSL knows, such as TLS_AES_128_GCM_SHA256' })
    .default(MODERN_CIPHERS)
    .describe(
      'The ciphers, by the names of OpenSSL; of those that both sides have the client chooses. ' +
        'Default: AES-GCM and ChaCha20 with forward secrecy. Others are weaker, not faster.',
    ),
  clientCertificates: clientCertificatesOptions.optional(),
  sessionTickets: flag()
    .default(true)
    .describe(
      'Whether clients may resume a session without a full handshake. Default true. With ' +
        'clientCertificates it is always off: a session must not carry who somebody is from one ' +
        'host to another.',
    ),
  ticketRotation: duration({ min: '1m', max: '7d' })
    .prefault('1h')
    .describe(
      'How long tickets are sealed with one key, 1m to 7d; keys are random and never leave the ' +
        'memory of the process. Default 1h: who steals one reads little.',
    ),
  http2: flag()
    .default(true)
    .describe(
      'Whether clients are offered HTTP/2 beside HTTP/1.1 (ALPN). Default true. `false` takes a ' +
        'lane away from attackers at the price of many connections per browser.',
    ),
  handshakeTimeout: duration({ min: '100ms', max: '1m' })
    .prefault('10s')
    .describe('How long a handshake may take in all, 100ms to 1m. Default 10s.'),
  reloadInterval: duration({ min: '100ms', max: '1h' })
    .prefault('5s')
    .describe(
      'How often the files are looked at, 100ms to 1h; new ones are used for new connections, ' +
        'the others stay. Default 5s. A pair that is broken or expired is not taken.',
    ),
}).describe('TLS, spoken by the listener itself. Without this section it speaks clear text.');

export type TlsOptions = z.output<typeof tlsOptions>;

function areCiphers(names: readonly string[]): boolean {
  try {
    for (const name of names) nodeTls().createSecureContext({ ciphers: name });
    return true;
  } catch {
    return false;
  }
}
