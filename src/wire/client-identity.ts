import type { X509Certificate } from 'node:crypto';
import type { ClientCertificatesConfig } from '../config/tls.ts';

/** Of one value: what servers accept of a field, with room for the others. */
const VALUE_BYTES_MAX = 4096;

/** The field lines that tell upstreams of a verified certificate; null for one that no field could carry. */
export function identityFieldsOf(
  certificate: X509Certificate,
  config: ClientCertificatesConfig,
): string | null {
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  const values: readonly (readonly [name: string | null, value: string])[] = [
    [config.subjectField, printable(distinguishedName(certificate.subject))],
    [config.fingerprintField, fingerprint],
    [config.namesField, printable(certificate.subjectAltName ?? '')],
  ];
  let lines = '';
  for (const [name, value] of values) {
    if (name === null || value === '') continue;
    if (value.length > VALUE_BYTES_MAX) return null;
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/**
 * RFC 2253, as NGINX writes it: the most specific part first. Node gives a part a line, with line ends and commas within
 * one escaped.
 */
function distinguishedName(subject: string | undefined): string {
  return (subject ?? '').split('\n').toReversed().join(',');
}

/** RFC 2253 §2.4: an octet that is not printable ASCII as a backslash and two hexadecimal digits. */
function printable(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.trim();
  let written = '';
  for (const octet of Buffer.from(text)) {
    written +=
      octet >= 0x20 && octet <= 0x7e
        ? String.fromCharCode(octet)
        : `\\${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return written.trim();
}
