import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    laneCertificate: Readonly<Record<'certFile' | 'keyFile', string>>;
  }
}

/** Runs once before the tests of a lane over TLS: one certificate for the edges of all its files. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-lane-'));
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
  project.provide('laneCertificate', { certFile, keyFile });
  return () => rmSync(folder, { recursive: true, force: true });
}
