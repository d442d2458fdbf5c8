import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How the clients of the usual gateway come: a project of vitest says it, so that suites run on each. */
export const lane = process.env['PORTCULLIS_TEST_LANE'] === 'tls' ? 'tls' : 'clear';

let section: Record<string, unknown> | undefined;

/** What the edge of the usual gateway has for the lane. */
export function laneSettings(): Record<string, unknown> {
  if (lane === 'clear') return {};
  section ??= { certificates: [makeCertificate()] };
  return { tls: section };
}

function makeCertificate(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-lane-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const certFile = join(folder, 'edge.pem');
  const keyFile = join(folder, 'edge.key');
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
      ...['-days', '2', '-subj', '/CN=edge', '-addext', 'subjectAltName=DNS:edge.example'],
      ...['-keyout', keyFile, '-out', certFile],
    ],
    { stdio: 'ignore' },
  );
  return { certFile, keyFile };
}
