import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { listenAddress, serverAddress } from '../config/address.ts';
import { ConfigProblems } from '../config/config-problems.ts';
import { loadConfig } from '../config/load.ts';
import { defaultCost } from '../passwords/argon2-cost.ts';
import { hashPassword } from '../passwords/hash-password.ts';
import { UserFile } from '../users/user-file.ts';
import type { Command, CommandOutput } from './command.ts';
import { firstConfiguration, type FirstConfiguration } from './first-configuration.ts';

const presets = { upstream: 'http://127.0.0.1:3000', address: '127.0.0.1:8081', user: 'admin' };

export const init: Command = {
  name: 'init',
  summary: 'Write a first configuration, with keys and a first user',
  help: `Usage: portcullis init [FOLDER] [options]

Writes a configuration that puts a login before one application:
portcullis.yaml, a key for session tokens, and a file with one user, whose
password is shown once.
Key and users can be read by nobody but you. FOLDER is made if it is not there;
default: this one. At a terminal it asks where the application is; elsewhere it
asks nothing.

Options:
  --upstream URL     the application (default ${presets.upstream})
  --address ADDRESS  where clients come in (default ${presets.address})
  --host NAME        the host name that the application is asked for by
  --cert FILE        a certificate for TLS, PEM
  --key FILE         its private key, PEM
  --user NAME        the first user (default ${presets.user})
  --force            write portcullis.yaml anew; keys and users always stay
  --help             show this text
  --version          show the version

Exit codes: 0 written, 1 not written (there is a configuration already, or no
right to write there), 2 wrong use.
`,
  run,
};

const options = {
  upstream: { type: 'string' },
  address: { type: 'string' },
  host: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  user: { type: 'string' },
  force: { type: 'boolean' },
} as const;

interface InitOrder {
  readonly folder: string;
  readonly user: string;
  readonly isForced: boolean;
  readonly configuration: FirstConfiguration;
}

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const read = await readInitArguments(args);
  if (typeof read === 'string') {
    io.err(`portcullis init ${read}\n`);
    return 2;
  }
  try {
    return write(read, io);
  } catch (error) {
    if (error instanceof ConfigProblems) io.err(error.format());
    else io.err(`portcullis init: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function write({ configuration, folder, isForced, user }: InitOrder, io: CommandOutput): number {
  const path = join(folder, 'portcullis.yaml');
  if (existsSync(path) && !isForced) {
    io.err(`portcullis init: ${path} is there already; --force writes it anew\n`);
    return 1;
  }
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  const made = [path];
  const keyPath = join(folder, 'token-key');
  if (!existsSync(keyPath)) {
    const key = randomBytes(48).toString('base64');
    writeFileSync(keyPath, `${key}\n`, { mode: 0o600, flag: 'wx' });
    made.push(keyPath);
  }
  writeFileSync(path, firstConfiguration(configuration), {
    mode: 0o644,
    flag: isForced ? 'w' : 'wx',
  });
  const usersPath = join(folder, 'users.db');
  let password: string | null = null;
  if (!existsSync(usersPath)) {
    password = randomBytes(12).toString('base64url');
    addUser(usersPath, user, password);
    made.push(usersPath);
  }
  // What was written is what `start` would take, or it is said now.
  const { warnings } = loadConfig(path);
  io.out(`${made.map((file) => `wrote ${file}\n`).join('')}`);
  if (password !== null) io.out(`user ${user}, password ${password} (it is not shown again)\n`);
  io.out(warnings.map((warning) => `warning: ${warning}\n`).join(''));
  io.out(`
portcullis doctor --config ${path}
portcullis start --config ${path}
`);
  return 0;
}

function addUser(path: string, username: string, password: string): void {
  const file = UserFile.openToWrite(path, true);
  try {
    const hash = hashPassword(password, defaultCost);
    file.add({ username, password: hash, role: 'staffuser', groups: [], isDisabled: false });
  } finally {
    file.close();
  }
}

async function readInitArguments(args: readonly string[]): Promise<InitOrder | string> {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch {
    return 'knows the options that --help names';
  }
  const { positionals, values } = parsed;
  if (positionals.length > 1) return 'takes one folder';
  if ((values.cert === undefined) !== (values.key === undefined)) {
    return 'takes --cert and --key together';
  }
  const upstream = values.upstream ?? (await askUpstream());
  const server = serverOf(upstream);
  if (server === null) return 'needs a URL after --upstream, such as http://127.0.0.1:3000';
  const address = values.address ?? presets.address;
  if (!listenAddress().safeParse(address).success) {
    return 'needs an address with a port after --address, such as 0.0.0.0:443';
  }
  const host = values.host?.toLowerCase() ?? null;
  if (host !== null && !/^[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?$/.test(host)) {
    return 'needs a host name after --host, such as app.example.org';
  }
  const user = values.user ?? presets.user;
  if (!/^[\w.@-]{1,150}$/.test(user))
    return 'needs a name of letters, digits and .@_- after --user';
  const tls =
    values.cert === undefined || values.key === undefined
      ? null
      : { certFile: resolve(values.cert), keyFile: resolve(values.key) };
  return {
    folder: positionals[0] ?? '.',
    user,
    isForced: values.force === true,
    configuration: { server, address, host, tls },
  };
}

/** As `servers` has it, always with a port; null for what is no such address. */
function serverOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { hostname, pathname, port, protocol, search } = new URL(text);
  if (!/^https?:$/.test(protocol) || pathname !== '/' || search !== '') return null;
  const server = `${protocol}//${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
  return serverAddress().safeParse(server).success ? server : null;
}

async function askUpstream(): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return presets.upstream;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question(`Where is the application? [${presets.upstream}] `);
    return answer.trim() === '' ? presets.upstream : answer.trim();
  } finally {
    asking.close();
  }
}
