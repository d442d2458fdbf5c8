import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { freePorts } from './free-ports.ts';
import { waitFor, within } from './wait-for.ts';

export type Engine = 'mysql' | 'postgresql';

/** The account that the server's own superuser has in every server of the tests. */
export const account = { username: 'root', password: 'sesame open', database: 'app' } as const;

/** A real MariaDB or PostgreSQL with its data in a folder of its own. */
export class DatabaseServer implements AsyncDisposable {
  readonly engine: Engine;
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | null = null;

  private constructor(engine: Engine, port: number, folder: string) {
    this.engine = engine;
    this.port = port;
    this.#folder = folder;
  }

  /** Starts one with an empty database `app`. */
  static async start(engine: Engine): Promise<DatabaseServer> {
    const folder = await mkdtemp(join(tmpdir(), `portcullis-${engine}-`));
    const [port = 0] = await freePorts(1);
    const server = new DatabaseServer(engine, port, folder);
    try {
      await mkdir(join(folder, 'data'), { mode: 0o700 });
      makeCertificate(folder);
      if (isRoot()) execFileSync('chown', ['-R', ownerOf(engine), folder]);
      initialise(engine, folder);
      await server.begin();
      await server.#prepare();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The certificate that it shows, for the name `database.test`; its own authority. */
  get authorityPath(): string {
    return join(this.#folder, 'server.crt');
  }

  get authority(): string {
    return readFileSync(this.authorityPath, 'utf8');
  }

  /** Starts it on the port and the data that it had. */
  async begin(): Promise<void> {
    const { engine, port } = this;
    const [command = '', ...args] = serverCommand(engine, port, this.#folder);
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#folder });
    this.#child = child;
    let said = '';
    child.stderr.on('data', (piece) => {
      said += String(piece);
    });
    await waitFor(
      `${engine} to answer`,
      async () => {
        if (child.exitCode !== null) throw new Error(`${engine} ended:\n${said}`);
        return await this.execute('SELECT 1', true).then(
          () => true,
          () => false,
        );
      },
      30_000,
    );
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    for (const pid of this.#pids()) signal(pid, 'SIGKILL');
    await within(`${this.engine} to end`, closed, 10_000);
    this.#child = null;
  }

  /** Lets it hold its connections and say nothing. */
  freeze(): void {
    for (const pid of this.#pids()) signal(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.#pids()) signal(pid, 'SIGCONT');
  }

  /** Runs statements as the superuser. */
  async execute(statements: string, isBare = false): Promise<void> {
    const { password } = account;
    if (this.engine === 'mysql') {
      const connection = await createConnection({
        ...{ host: '127.0.0.1', port: this.port, user: 'root', multipleStatements: true },
        ...(isBare ? {} : { database: account.database }),
      });
      await connection.query(statements);
      await connection.end();
      return;
    }
    const database = isBare ? 'postgres' : account.database;
    const client = new Client({
      ...{ host: '127.0.0.1', port: this.port, user: 'root', password, database },
    });
    await client.connect();
    await client.query(statements);
    await client.end();
  }

  /** PostgreSQL gives its shared memory back only where it ends by itself: at once, by SIGQUIT. */
  async #end(): Promise<void> {
    const child = this.#child;
    if (this.engine === 'mysql' || child === null) return;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    this.thaw();
    child.kill('SIGQUIT');
    await within(`${this.engine} to end`, closed, 10_000).catch(() => {}); // else it is killed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    const { database, password } = account;
    if (this.engine === 'mysql') {
      await this.execute(
        `CREATE DATABASE ${database} CHARACTER SET utf8mb4;
         CREATE USER gateway@'%' IDENTIFIED BY '${password}';
         GRANT SELECT ON ${database}.* TO gateway@'%'`,
        true,
      );
    } else {
      await this.execute(`CREATE DATABASE ${database}`, true);
      await this.execute(
        `CREATE USER gateway PASSWORD '${password}'; GRANT pg_read_all_data TO gateway`,
        true,
      );
    }
  }

  /** PostgreSQL answers in processes of its own, each in a group of its own. */
  #pids(): number[] {
    const pid = this.#child?.pid;
    if (pid === undefined) return [];
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return [pid, ...children.map(Number).filter((one) => one > 0)];
  }
}

function serverCommand(engine: Engine, port: number, folder: string): string[] {
  const file = (name: string): string => join(folder, name);
  if (engine === 'mysql') {
    return [
      ...['/usr/sbin/mariadbd', '--no-defaults', `--datadir=${file('data')}`, `--port=${port}`],
      ...[`--socket=${file('s')}`, '--bind-address=127.0.0.1', '--skip-log-bin'],
      ...['--innodb-buffer-pool-size=16M', '--innodb-flush-log-at-trx-commit=1'],
      ...[`--ssl-cert=${file('server.crt')}`, `--ssl-key=${file('server.key')}`],
      ...(isRoot() ? [`--user=${ownerOf(engine)}`] : []),
    ];
  }
  return [
    ...asOwner(engine),
    ...[postgresProgram('postgres'), '-D', file('data'), '-p', String(port), '-k', folder],
    ...['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'shared_buffers=16MB'],
    ...['-c', 'ssl=on', '-c', `ssl_cert_file=${file('server.crt')}`],
    ...['-c', `ssl_key_file=${file('server.key')}`],
  ];
}

function initialise(engine: Engine, folder: string): void {
  const data = join(folder, 'data');
  if (engine === 'mysql') {
    const user = isRoot() ? [`--user=${ownerOf(engine)}`] : [];
    const rest = ['--auth-root-authentication-method=normal', '--skip-test-db'];
    run('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, ...user, ...rest]);
    return;
  }
  const passwordFile = join(folder, 'server.password');
  const [command = '', ...args] = [
    ...asOwner(engine),
    ...[postgresProgram('initdb'), '--no-sync', '-D', data, '-U', account.username, '-E', 'UTF8'],
    ...['--locale=C.UTF-8', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
  ];
  run(command, args);
}

/** For itself, so that it is its own authority. */
function makeCertificate(folder: string): void {
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const name = ['-subj', '/CN=database.test', '-addext', 'subjectAltName=DNS:database.test'];
  const files = ['-keyout', join(folder, 'server.key'), '-out', join(folder, 'server.crt')];
  run('openssl', [...made, ...name, ...files, '-days', '2']);
  execFileSync('chmod', ['600', join(folder, 'server.key')]);
  execFileSync('tee', [join(folder, 'server.password')], { input: account.password });
}

/** Neither server lets itself be run by root. */
function asOwner(engine: Engine): string[] {
  const owner = ownerOf(engine);
  if (!isRoot()) return [];
  return ['setpriv', `--reuid=${owner}`, `--regid=${owner}`, '--clear-groups'];
}

function ownerOf(engine: Engine): string {
  return engine === 'mysql' ? 'mysql' : 'postgres';
}

function postgresProgram(name: string): string {
  const [program] = globSync(`/usr/lib/postgresql/*/bin/${name}`).toSorted().toReversed();
  if (program === undefined) throw new Error(`no ${name}`);
  return program;
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}
