import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates, type Certificates } from './signed-certificates.ts';
import { run } from './curl.ts';
import { freePorts } from './free-ports.ts';
import { waitFor } from './wait-for.ts';

export const suffix = 'dc=example,dc=org';
export const serviceDn = `cn=service,${suffix}`;
export const servicePassword = 'the service knows';
const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const modulePath = '/usr/lib/ldap:/usr/lib/openldap:/usr/libexec/openldap';

/** A real OpenLDAP server with a tree of ours, on free ports of the loopback, in a folder of its own. */
export class Slapd {
  readonly port: number;
  readonly tlsPort: number;
  readonly certificates: Certificates;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(folder: string, ports: readonly number[], certificates: Certificates) {
    this.#folder = folder;
    [this.port = 0, this.tlsPort = 0] = ports;
    this.certificates = certificates;
  }

  /** Starts one that holds these entries (LDIF). Groups are entered through LDAP, so that `memberOf` follows. */
  static async start(ldif: string): Promise<Slapd> {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-slapd-'));
    await mkdir(join(folder, 'tree'));
    const certificates = await makeCertificates(folder, 'DNS:localhost,IP:127.0.0.1');
    await writeFile(join(folder, 'slapd.conf'), configuration(folder, certificates));
    await writeFile(join(folder, 'tree.ldif'), ldif);
    const slapd = new Slapd(folder, await freePorts(2), certificates);
    await slapd.launch();
    const root = ['-x', '-D', `cn=root,${suffix}`, '-w', 'root'];
    const add = await run('ldapadd', [
      ...['-H', `ldap://127.0.0.1:${String(slapd.port)}`, ...root],
      ...['-f', join(folder, 'tree.ldif')],
    ]);
    if (add.code !== 0) throw new Error(`ldapadd ended with ${String(add.code)}: ${add.stderr}`);
    return slapd;
  }

  /** Changes entries as the tree's owner (LDIF with `changetype`). */
  async modify(ldif: string): Promise<void> {
    const file = join(this.#folder, 'change.ldif');
    await writeFile(file, ldif);
    const { code, stderr } = await run('ldapmodify', [
      ...['-H', `ldap://127.0.0.1:${String(this.port)}`, '-x'],
      ...['-D', `cn=root,${suffix}`, '-w', 'root', '-f', file],
    ]);
    if (code !== 0) throw new Error(`ldapmodify ended with ${String(code)}: ${stderr}`);
  }

  /** Starts the process, also again after it was killed. */
  async launch(): Promise<void> {
    const urls = `ldap://127.0.0.1:${String(this.port)} ldaps://127.0.0.1:${String(this.tlsPort)}`;
    const child = spawn('slapd', ['-d', '0', '-h', urls, '-f', join(this.#folder, 'slapd.conf')], {
      env: { ...process.env, PATH: searchPath },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
    this.#child = child;
    await waitFor('slapd to listen', async () => {
      if (child.exitCode !== null) throw new Error(`slapd does not start: ${this.#said}`);
      return (await isListening(this.port)) && (await isListening(this.tlsPort));
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'close');
    child.kill('SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function configuration(folder: string, { caFile, certFile, keyFile }: Certificates): string {
  return `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath ${modulePath}
moduleload back_mdb
moduleload memberof
TLSCACertificateFile ${caFile}
TLSCertificateFile ${certFile}
TLSCertificateKeyFile ${keyFile}
TLSProtocolMin 3.3
pidfile ${folder}/slapd.pid
allow bind_anon_cred bind_anon_dn
password-hash {SSHA}

database mdb
suffix "${suffix}"
rootdn "cn=root,${suffix}"
rootpw root
directory ${folder}/tree
maxsize 16777216
index objectClass,uid,member,memberUid eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${serviceDn}" read by self read by users read by * none
overlay memberof
memberof-group-oc groupOfNames
memberof-member-ad member
memberof-memberof-ad memberOf
memberof-refint true
`;
}
