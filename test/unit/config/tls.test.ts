import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateFolder } from '../../support/certificates.ts';
import { load, problemsOf } from '../../support/config-file.ts';

const listener = (lines: string): string => `listeners:
  edge:
    address: 127.0.0.1:0
    tls:
${lines.replace(/^/gm, '      ')}
    routes:
      - path: /
        respond: {status: 204}
`;
const one = 'certificates: [{certFile: a.pem, keyFile: a.key}]';

describe('the tls section of a listener', () => {
  const files: Record<string, string> = {};
  beforeAll(async () => {
    await using folder = await CertificateFolder.make();
    for (const name of ['a', 'b']) {
      const { certFile, keyFile } = await folder.issue({
        names: [`${name}.example`, `*.${name}.example`, 'IP:127.0.0.1'],
      });
      files[`${name}.pem`] = readFileSync(certFile, 'utf8');
      files[`${name}.key`] = readFileSync(keyFile, 'utf8');
    }
    files['both.pem'] = `${files['a.pem'] ?? ''}${files['a.key'] ?? ''}`;
    files['text.pem'] = 'no certificate\n';
  });
  afterAll(() => {
    for (const name of Object.keys(files)) delete files[name];
  });

  it('makes a listener secure, with modern defaults', () => {
    const config = load(listener(one), { files }).listeners[0];
    expect(config).toMatchObject({
      isSecure: true,
      tls: {
        unknownNames: 'default',
        minVersion: 'TLSv1.2',
        clientCertificates: null,
        hasSessionTickets: true,
        ticketRotationMs: 3_600_000,
        handshakeTimeoutMs: 10_000,
        reloadIntervalMs: 5_000,
      },
    });
    expect(config?.tls?.certificates[0]?.certFile).toMatch(/^\/.*\/a\.pem$/);
    expect(config?.tls?.ciphers).not.toMatch(/CBC|SHA(?::|$)|RC4|DES/);
  });

  it('takes a certificate and its key from one file', () => {
    expect(problemsOf(listener('certificates: [{certFile: both.pem}]'), { files })).toEqual([]);
  });

  it('resumes no sessions where clients have certificates', () => {
    const lines = `${one}\nclientCertificates: {mode: require, caFile: b.pem}`;
    expect(load(listener(lines), { files }).listeners[0]?.tls?.hasSessionTickets).toBe(false);
  });

  it.each([
    ['certificates: []', /tls\.certificates: is an empty list/],
    ['certificates: [{certFile: none.pem}]', /certFile: names a file that does not exist/],
    ['certificates: [{certFile: text.pem}]', /certFile: names a file that holds no certificate/],
    [
      'certificates: [{certFile: a.pem, keyFile: b.key}]',
      /keyFile: names a file that holds the key of another certificate/,
    ],
    [
      'certificates: [{certFile: a.pem, keyFile: text.pem}]',
      /keyFile: names a file that holds no private key/,
    ],
    [`${one}\nminVersion: TLSv1.1`, /minVersion: is "TLSv1.1"; expected one of TLSv1.2, TLSv1.3/],
    [`${one}\nciphers: [NO-SUCH]`, /tls\.ciphers/],
    [`${one}\nclientCertificates: {mode: maybe, caFile: b.pem}`, /clientCertificates\.mode/],
    [`${one}\nclientCertificates: {mode: require, caFile: text.pem}`, /caFile: names a file that/],
    [
      `${one}\nclientCertificates: {mode: require, caFile: b.pem, subjectField: X-UserInfo}`,
      /clientCertificates: has a field "X-UserInfo"/,
    ],
    [
      `${one}\nclientCertificates: {mode: require, caFile: b.pem, subjectField: Cookie}`,
      /subjectField: is "Cookie"/,
    ],
  ])('with %s is refused', (lines, words) => {
    expect(problemsOf(listener(lines), { files })).toEqual([expect.stringMatching(words)]);
  });

  it('never quotes a key', () => {
    const lines = 'certificates: [{certFile: a.key, keyFile: a.pem}]';
    expect(problemsOf(listener(lines), { files }).join('\n')).not.toContain('PRIVATE');
  });
});
