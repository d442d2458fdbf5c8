import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { account, DatabaseServer } from '../../test/support/database-server.ts';
import { addDjangoUsers, createDjangoTables } from '../../test/support/django-tables.ts';
import { ask } from '../processes/ask.ts';
import { Child } from '../processes/child.ts';
import { freePorts } from '../processes/free-ports.ts';
import { GatewayProcess } from '../processes/gateway-process.ts';
import { startUpstream } from '../processes/upstream-process.ts';
import type { Attempt, LoginJob, LoginResult } from './login-load.ts';
import type { ProxiedJob, ProxiedResult } from './proxied-load.ts';

export interface LoginsOptions {
  readonly seconds: number;
  readonly loginsPerSecond: number;
  readonly requestsPerSecond: number;
  readonly iterations: number;
  readonly threads: number;
  readonly queueTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

export interface LoginsReport {
  readonly quiet: ProxiedResult;
  readonly storm: ProxiedResult;
  readonly logins: LoginResult;
  /** One login with nobody else there. */
  readonly aloneMs: number;
}

const accounts = 200;
const connections = 32;

/** Two load processes, so that neither kind of load waits for the other. */
class LoadProcess implements AsyncDisposable {
  readonly #child: Child;

  constructor(directory: string, name: string) {
    this.#child = new Child({
      name: `the load process (${name})`,
      command: process.execPath,
      arguments: [join(import.meta.dirname, 'login-storm-main.ts')],
      logPath: join(directory, `load-${name}.log`),
      hasChannel: true,
    });
  }

  async run<Result>(job: LoginJob | ProxiedJob): Promise<Result> {
    const answer = this.#child.message();
    this.#child.process.send(job);
    // Of the one type that login-storm-main.ts sends for this job.
    const { error, result } = (await answer) as { result?: Result; error?: string };
    if (result === undefined) throw new Error(`a load process failed: ${String(error)}`);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}

/** Accounts of a Django application, all with one of a few passwords: making a hash takes as long as checking it. */
async function fill(server: DatabaseServer, iterations: number): Promise<readonly Attempt[]> {
  const passwords = [1, 2, 3].map(() => {
    const password = randomBytes(9).toString('base64url');
    const salt = randomBytes(16).toString('base64url').replace(/[-_]/g, 'x');
    const key = pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('base64');
    return { password, hash: `pbkdf2_sha256$${iterations}$${salt}$${key}` };
  });
  const names = Array.from({ length: accounts }, (_, index) => {
    const chosen = passwords[index % passwords.length];
    if (chosen === undefined) throw new Error('no password');
    return { username: `person${index}`, isActive: index % 20 !== 19, ...chosen };
  });
  await createDjangoTables(server);
  await addDjangoUsers(
    server,
    names.map(({ hash, isActive, username }) => ({ username, password: hash, isActive })),
  );
  // Seven of ten are right, the others wrong, unknown, or somebody else's.
  return names.map(({ isActive, password, username }, index): Attempt => {
    if (index % 10 === 7) return { username, password: 'wrong', isRight: false };
    if (index % 10 === 8) return { username: `nobody${index}`, password, isRight: false };
    const other = passwords[(index + 1) % passwords.length]?.password ?? '';
    if (index % 10 === 6) return { username, password: other, isRight: false };
    return { username, password, isRight: isActive };
  });
}

async function loginAlone(port: number, attempts: readonly Attempt[]): Promise<number> {
  const right = attempts.find(({ isRight }) => isRight);
  const body = JSON.stringify(right);
  const fields = { 'content-type': 'application/json', 'content-length': `${body.length}` };
  const begun = performance.now();
  const answer = await ask({ port, path: '/auth/login', method: 'POST', fields, body });
  if (answer.status !== 200) throw new Error(`a login was answered ${answer.status}`);
  return performance.now() - begun;
}

/** Proxied requests alone, and then beside a storm of logins. Starts all that it needs, and stops it. */
export async function runLogins(options: LoginsOptions): Promise<LoginsReport> {
  const { iterations, loginsPerSecond, requestsPerSecond, say, seconds, signal } = options;
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-logins-'));
  try {
    await using database = await DatabaseServer.start('mysql');
    const attempts = await fill(database, iterations);
    const [port = 0] = await freePorts(1);
    await using upstream = await startUpstream({ port, core: null, directory });
    await using gateway = await GatewayProcess.start({
      name: 'logins',
      directory,
      core: null,
      signal,
      settings: {
        upstreamServers: [`127.0.0.1:${port}`],
        directories: {
          app: {
            ...{ type: 'django', engine: 'mysql', address: `127.0.0.1:${database.port}` },
            ...{ database: account.database, username: 'gateway', password: account.password },
          },
        },
        sections: {
          login: { directories: ['bench', 'app'] },
          passwords: { threads: options.threads, queueTimeout: `${options.queueTimeoutMs}ms` },
        },
      },
    });
    const cookies = (await gateway.logIn(connections, signal)).map(({ cookie }) => cookie);
    const aloneMs = await loginAlone(gateway.edgePort, attempts);
    await using proxied = new LoadProcess(directory, 'proxied');
    await using logins = new LoadProcess(directory, 'logins');
    const job: ProxiedJob = {
      ...{ kind: 'proxied', port: gateway.edgePort, perSecond: requestsPerSecond },
      ...{ seconds: Math.max(1, seconds / 3), cookies },
    };
    say('requests alone');
    await proxied.run<ProxiedResult>({ ...job, seconds: Math.max(1, seconds / 10) }); // warm-up, thrown away
    const quiet = await proxied.run<ProxiedResult>(job);
    say('requests beside logins');
    const [storm, result] = await Promise.all([
      proxied.run<ProxiedResult>({ ...job, seconds }),
      logins.run<LoginResult>({
        ...{
          kind: 'logins',
          port: gateway.edgePort,
          perSecond: loginsPerSecond,
          seconds,
          attempts,
        },
      }),
    ]);
    if (upstream.hasEnded || gateway.hasEnded) throw new Error(gateway.logTail());
    return { quiet, storm, logins: result, aloneMs };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
