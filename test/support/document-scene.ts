import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { defaultCost } from '../../src/passwords/argon2-cost.ts';
import { hashPassword } from '../../src/passwords/hash-password.ts';
import { CertificateFolder } from './certificates.ts';
import type { Block, Document } from './document.ts';
import { freePorts } from './free-ports.ts';
import { projectRoot } from './gateway.ts';
import { patientMs } from './patience.ts';
import { waitFor } from './wait-for.ts';

/** The ports that documents use; each is another one while they are run. */
const documented = ['8081', '8082', '8443', '9000', '9001', '9099'] as const;
/** What a fresh clone has not. */
const notCloned: ReadonlySet<string> = new Set(['node_modules', '.git', 'dist']);
const commandMs = 90_000;

/** What a document shows, done: its files in a folder, its commands one after the other. */
export class DocumentScene implements AsyncDisposable {
  readonly folder: string;
  readonly #ports: ReadonlyMap<string, string>;
  readonly #certificates: CertificateFolder;
  readonly #files: ReadonlyMap<string, string>;
  readonly #started: ChildProcess[] = [];
  #said = '';

  private constructor(
    folder: string,
    ports: ReadonlyMap<string, string>,
    certificates: CertificateFolder,
    files: ReadonlyMap<string, string>,
  ) {
    this.folder = folder;
    this.#ports = ports;
    this.#certificates = certificates;
    this.#files = files;
  }

  /** An empty folder with the document's configuration; the README's is a fresh clone. */
  static async of(document: Document): Promise<DocumentScene> {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-document-'));
    const free = await freePorts(documented.length);
    const ports = new Map(documented.map((port, index) => [port, String(free[index])] as const));
    const certificates = await CertificateFolder.make();
    const scene = new DocumentScene(folder, ports, certificates, await filesOf(certificates));
    const [first] = document.configurations;
    if (document.path === 'README.md') {
      const isCloned = (path: string): boolean => !notCloned.has(basename(path));
      await cp(projectRoot, folder, { recursive: true, filter: isCloned });
      const example = document.blocks.find(({ language }) => language === 'yaml');
      await writeFile(join(folder, 'my.yaml'), scene.#real(example?.text ?? ''));
    } else if (first !== undefined) {
      await writeFile(join(folder, 'portcullis.yaml'), scene.#real(first));
    }
    if (document.path !== 'README.md') {
      await symlink(join(projectRoot, 'config'), join(folder, 'config'));
    }
    const command = join(folder, 'bin-of-this-test');
    await cp(join(projectRoot, 'config/demo-api.mjs'), join(folder, 'app.mjs'));
    await writeFile(command, `#!/bin/sh\nexec node '${projectRoot}src/main.ts' "$@"\n`);
    await chmod(command, 0o755);
    return scene;
  }

  /** What it printed, with the ports that the document has. Throws where it fails. */
  async run({ text }: Block): Promise<string> {
    const child = this.#spawn(text, 'pipe');
    let out = '';
    let err = '';
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => (out += piece));
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => (err += piece));
    child.stdin?.end('correct horse battery staple\n');
    const timer = setTimeout(() => end(child, 'SIGKILL'), patientMs(commandMs));
    const [code] = await once(child, 'close');
    clearTimeout(timer);
    if (code !== 0) {
      throw new Error(`ended with ${String(code)}:\n${text}\n${out}\n${err}\n${this.#said}`);
    }
    return this.#asDocumented(out);
  }

  /** Starts what goes on running, and waits until it may be asked. */
  async start({ text }: Block): Promise<void> {
    const child = this.#spawn(text, 'pipe');
    this.#started.push(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (piece: string) => (this.#said += piece));
    }
    const url = `http://127.0.0.1:${this.#ports.get('9099') ?? ''}/readyz`;
    const isReady = async (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(`it has ended:\n${this.#said}`);
      try {
        return (await fetch(url)).ok;
      } catch {
        return false;
      }
    };
    await waitFor('the gateway of the document', isReady, commandMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#started.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'close');
      end(child, 'SIGTERM');
      const timer = setTimeout(() => end(child, 'SIGKILL'), patientMs(5_000));
      await ended;
      clearTimeout(timer);
    }
    await rm(this.folder, { recursive: true, force: true });
    await this.#certificates[Symbol.asyncDispose]();
  }

  #spawn(text: string, stdio: 'pipe'): ChildProcess {
    const script = `set -euo pipefail\nportcullis() { "$HERE/bin-of-this-test" "$@"; }\n${this.#real(text)}`;
    const port = (name: string): string => this.#ports.get(name) ?? '';
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      HERE: this.folder,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
      PORTCULLIS_EDGE_PORT: port('8081'),
      PORTCULLIS_CONTROL_PORT: port('9000'),
      PORTCULLIS_ADMIN_PORT: port('9099'),
    };
    // Groups of their own: whatever a block starts ends with it.
    return spawn('bash', ['-c', script], { cwd: this.folder, env, stdio, detached: true });
  }

  /** What stands for files, hashes and ports becomes some that exist. */
  #real(text: string): string {
    let real = text;
    for (const [shown, path] of this.#files) real = real.replaceAll(shown, path);
    const secret = this.#files.get('/run/secrets/portcullis-token-key') ?? '';
    real = real
      .replaceAll(/\/run\/secrets\/[\w-]+/g, secret)
      .replaceAll(/\$argon2id\$[^']+…/g, () => hashPassword('ada', defaultCost));
    for (const [port, free] of this.#ports) {
      real = real.replaceAll(new RegExp(`(?<=:|PORT=)${port}\\b`, 'g'), free);
    }
    return real;
  }

  #asDocumented(text: string): string {
    let shown = text.replaceAll(`${this.folder}/`, '');
    for (const [port, free] of this.#ports) shown = shown.replaceAll(`:${free}`, `:${port}`);
    return shown;
  }
}

async function filesOf(certificates: CertificateFolder): Promise<ReadonlyMap<string, string>> {
  const { certFile, keyFile } = await certificates.issue({
    names: ['gateway.example', 'app.example.org', 'localhost'],
  });
  const secretFile = join(certificates.path, 'secret');
  await writeFile(secretFile, randomBytes(48).toString('base64'));
  return new Map([
    ['/run/secrets/site.pem', certFile],
    ['/run/secrets/site.key', keyFile],
    ['/etc/ssl/internal-ca.pem', certFile],
    ['/run/secrets/portcullis-token-key', secretFile],
  ]);
}

function end({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}
