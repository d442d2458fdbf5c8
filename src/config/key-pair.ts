import { createPrivateKey, X509Certificate } from 'node:crypto';
import { SocketAddress } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { nodeTls } from '../lib/node-tls.ts';
import { Secret } from '../lib/secret.ts';
import { readText } from './read.ts';

/** The files of a certificate and its key, with absolute paths. */
export interface KeyPairFiles {
  /** The certificate and those that lead to its authority, PEM. */
  readonly certFile: string;
  /** The private key, PEM; the same file where one holds both. */
  readonly keyFile: string;
  /** Null: the key is not encrypted. */
  readonly passphraseFile: string | null;
}

/** A certificate and its key that fit each other. */
export interface KeyPair {
  readonly cert: string;
  readonly key: Secret;
  readonly passphrase: Secret | null;
  /** Host names, patterns such as `*.example.org` and addresses, lower case. */
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SHA-256 of the certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
}

export type KeyPairReading =
  | { readonly kind: 'read'; readonly pair: KeyPair }
  /** `reason` ends a sentence that begins with the file. */
  | { readonly kind: 'broken'; readonly file: keyof KeyPairFiles; readonly reason: string };

/** Reads and checks a pair; its dates are the caller's affair. */
export function readKeyPair(files: KeyPairFiles): KeyPairReading {
  const broken = (file: keyof KeyPairFiles, reason: string): KeyPairReading => ({
    kind: 'broken',
    file,
    reason,
  });
  const cert = readText(files.certFile);
  if (cert.kind === 'unreadable') return broken('certFile', cert.reason);
  const certificate = certificateOf(cert.text);
  if (certificate === null) return broken('certFile', 'holds no certificate in PEM form');
  const key = readText(files.keyFile);
  if (key.kind === 'unreadable') return broken('keyFile', key.reason);
  let passphrase: Secret | null = null;
  if (files.passphraseFile !== null) {
    const text = readText(files.passphraseFile);
    if (text.kind === 'unreadable') return broken('passphraseFile', text.reason);
    passphrase = new Secret(text.text.replace(/\r?\n$/, ''));
  }
  const keyFault = faultOfKey(certificate, key.text, passphrase);
  if (keyFault !== null) return broken('keyFile', keyFault);
  const pair = describe(cert.text, key.text, passphrase, certificate);
  const fault = faultOfChain(pair);
  return fault === null ? { kind: 'read', pair } : broken('certFile', fault);
}

/** The authorities in a file, or why there are none. */
export type AuthoritiesReading =
  | { readonly kind: 'read'; readonly pem: string }
  | { readonly kind: 'broken'; readonly reason: string };

export function readAuthorities(path: string): AuthoritiesReading {
  const file = readText(path);
  if (file.kind === 'unreadable') return { kind: 'broken', reason: file.reason };
  const isSound = certificateOf(file.text) !== null && contextFault({ ca: file.text }) === null;
  return isSound
    ? { kind: 'read', pem: file.text }
    : { kind: 'broken', reason: 'holds no certificate in PEM form' };
}

function certificateOf(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function faultOfKey(
  certificate: X509Certificate,
  pem: string,
  passphrase: Secret | null,
): string | null {
  try {
    const key = createPrivateKey({
      key: pem,
      ...(passphrase !== null && { passphrase: passphrase.reveal() }),
    });
    return certificate.checkPrivateKey(key) ? null : 'holds the key of another certificate';
  } catch (error) {
    // OpenSSL's own words may quote the file.
    const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code === 'ERR_MISSING_PASSPHRASE') return 'is encrypted, and there is no passphraseFile';
    return passphrase === null
      ? 'holds no private key in PEM form'
      : 'holds no private key in PEM form that the passphrase opens';
  }
}

/** What only the library that will use the pair can tell, such as a key that it finds too short. */
function faultOfChain({ cert, key, passphrase }: KeyPair): string | null {
  const secret = passphrase === null ? {} : { passphrase: passphrase.reveal() };
  const code = contextFault({ cert, key: key.reveal(), ...secret });
  return code === null ? null : `cannot be used (${code})`;
}

function contextFault(options: SecureContextOptions): string | null {
  try {
    nodeTls().createSecureContext({ ca: [], ...options }); // without `ca` it would load all public ones
    return null;
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    return typeof code === 'string' ? code : 'an error';
  }
}

function describe(
  cert: string,
  key: string,
  passphrase: Secret | null,
  certificate: X509Certificate,
): KeyPair {
  return {
    cert,
    key: new Secret(key),
    passphrase,
    names: namesOf(certificate),
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

/** `DNS:a.example, IP Address:10.0.0.1`; values with odd characters are quoted, and are no names then. */
const ALTERNATIVE = /(?:^|, )([A-Za-z0-9 .]+):("(?:[^"\\]|\\.)*"|[^,]*)/gy;

function namesOf(certificate: X509Certificate): readonly string[] {
  const text = certificate.subjectAltName;
  // What clients did before there were alternative names, and what `openssl req` makes unasked.
  if (text === undefined) return commonName(certificate.subject);
  const names: string[] = [];
  for (const [, kind, value = ''] of text.matchAll(ALTERNATIVE)) {
    if (kind === 'DNS' && !value.startsWith('"')) names.push(value.toLowerCase());
    else if (kind === 'IP Address') names.push(canonicalAddress(value));
  }
  return names;
}

function commonName(subject: string): readonly string[] {
  const name = /^CN=(.*)$/m.exec(subject)?.[1]?.toLowerCase() ?? '';
  return /^(?:\*\.)?[a-z0-9_.-]+$/.test(name) ? [name] : [];
}

function canonicalAddress(text: string): string {
  if (!text.includes(':')) return text;
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
}
