import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate and its key as files. */
export interface MadeCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Request {
  /** DNS names; addresses as `IP:127.0.0.1`. */
  readonly names?: readonly string[];
  readonly subject?: string;
  /** Who signs it; without one it signs itself. */
  readonly issuer?: MadeCertificate;
  readonly isAuthority?: boolean;
  /** From when to when, as `openssl x509` writes it (`20200101000000Z`). Default: from now for two days. */
  readonly dates?: readonly [from: string, to: string];
}

/** Certificates made with openssl, in a folder that goes with the test. */
export class CertificateFolder {
  readonly path: string;
  #count = 0;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<CertificateFolder> {
    return new CertificateFolder(await mkdtemp(join(tmpdir(), 'portcullis-tls-')));
  }

  async issue(wanted: Request = {}): Promise<MadeCertificate> {
    const base = join(this.path, String(this.#count++));
    const made = { certFile: `${base}.pem`, keyFile: `${base}.key` };
    const names = (wanted.names ?? []).map((name) => (name.includes(':') ? name : `DNS:${name}`));
    const extensions = [
      ...(names.length > 0 ? ['-addext', `subjectAltName=${names.join(',')}`] : []),
      ...(wanted.isAuthority === true ? [] : ['-addext', 'basicConstraints=CA:FALSE']),
    ];
    const { issuer, dates } = wanted;
    await run('openssl', [
      ...['req', '-x509', '-utf8', '-nodes', '-newkey', 'ec'],
      ...['-pkeyopt', 'ec_paramgen_curve:prime256v1', '-days', '2'],
      ...['-subj', wanted.subject ?? '/CN=test', '-keyout', made.keyFile, '-out', made.certFile],
      ...extensions,
      ...(issuer ? ['-CA', issuer.certFile, '-CAkey', issuer.keyFile] : []),
    ]);
    if (dates !== undefined) await this.#redate(made, dates, names);
    return made;
  }

  /** `openssl req` has no dates of one's own; `openssl ca` has. */
  async #redate(
    made: MadeCertificate,
    [from, to]: readonly [string, string],
    names: readonly string[],
  ): Promise<void> {
    const folder = await mkdtemp(join(this.path, 'ca-'));
    const config = join(folder, 'ca.cnf');
    await writeFile(join(folder, 'index'), '');
    await writeFile(
      config,
      [
        ...['[ca]', 'default_ca=d', '[d]', `database=${folder}/index`, `new_certs_dir=${folder}`],
        ...['rand_serial=yes', 'default_md=sha256', 'policy=p', 'x509_extensions=e'],
        ...['[p]', 'commonName=supplied', '[e]', 'basicConstraints=CA:FALSE'],
        ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : []),
        ...['[req]', 'distinguished_name=n', '[n]', ''],
      ].join('\n'),
    );
    const csr = join(folder, 'csr');
    await run('openssl', [
      ...['req', '-new', '-config', config, '-key', made.keyFile, '-subj', '/CN=test', '-out', csr],
    ]);
    await run('openssl', [
      ...['ca', '-batch', '-notext', '-selfsign', '-config', config, '-keyfile', made.keyFile],
      ...['-in', csr, '-out', made.certFile, '-startdate', from, '-enddate', to],
    ]);
  }

  /** Puts the texts of another pair into the files of this one. */
  async replace(target: MadeCertificate, source: MadeCertificate): Promise<void> {
    await writeFile(target.keyFile, await readFile(source.keyFile));
    await writeFile(target.certFile, await readFile(source.certFile));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
