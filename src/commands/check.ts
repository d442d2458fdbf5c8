import { formatAddress } from '../config/address.ts';
import { ConfigProblems } from '../config/config-problems.ts';
import { ConfigUnreadable } from '../config/config-unreadable.ts';
import type { Config } from '../config/config.ts';
import { staticDirectories } from '../config/directory.ts';
import type { ListenerConfig } from '../config/listener.ts';
import { loadConfig } from '../config/load.ts';
import type { RouteConfig } from '../config/route.ts';
import { readStoredPassword } from '../passwords/stored-password.ts';
import { configPathFrom, readArguments } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';
import { whoText } from './who-text.ts';

export const check: Command = {
  name: 'check',
  summary: 'Say whether a configuration file is right, and everything that is not',
  help: `Usage: portcullis check [--config FILE]

Reads a configuration file as \`portcullis start\` would, with the environment
filled in, and starts nothing. Prints its listeners and routes and what deserves
a warning; or every problem, one a line:

  FILE:LINE:COLUMN: PATH: what is wrong; what would be right

Options:
  --config FILE    the file (default: $PORTCULLIS_CONFIG, else the shipped one)
  --help           show this text
  --version        show the version

Exit codes: 0 the file is right (perhaps with warnings), 1 it cannot be read,
2 it has problems, or wrong use.
`,
  run,
};

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const read = readArguments(args, ['config']);
  if (read.kind === 'wrong') {
    io.err(`portcullis check ${read.sentence}\n`);
    return 2;
  }
  const path = configPathFrom(read.values);
  let config: Config;
  try {
    config = loadConfig(path);
  } catch (error) {
    if (error instanceof ConfigUnreadable) {
      io.err(`portcullis check: ${error.message}\n`);
      return 1;
    }
    if (!(error instanceof ConfigProblems)) throw error;
    io.err(error.format());
    return 2;
  }
  const refused = refusedPasswords(config);
  if (refused.length > 0) {
    io.err(refused.map((line) => `${path}: ${line}\n`).join(''));
    return 2;
  }
  io.out(`${path}: ok\n${config.listeners.map(listenerText).join('')}${adminText(config)}`);
  io.out(config.warnings.map((warning) => `warning: ${warning}\n`).join(''));
  return 0;
}

/**
 * Hashes of the right form that no login would ever compute, because they cost too much or too
 * little.
 */
function refusedPasswords({ directories }: Config): string[] {
  return staticDirectories(directories).flatMap(({ name, users, insecurePlainText }) =>
    users.flatMap(({ password }, index) => {
      const read = readStoredPassword(password.reveal(), insecurePlainText);
      if (read.kind === 'read') return [];
      const path = `directories.${name}.users[${index}].password`;
      return [`${path}: ${read.reason}; expected what \`portcullis hash\` prints`];
    }),
  );
}

function listenerText(listener: ListenerConfig): string {
  const rows = [
    ...listener.sidecars.map(({ decidesAs, path, profile }) => [
      profile === 'envoy' ? `${path}/*` : path,
      'trusted peers',
      `${profile} asks ${decidesAs}`,
    ]),
    ...listener.routes.map((route) => [matchText(route), whoText(route), targetText(route.target)]),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return `    ${cells.join('  ')}\n`;
  });
  return `  ${listener.name} ${formatAddress(listener)}\n${lines.join('')}`;
}

function adminText({ admin }: Config): string {
  return admin === null ? '' : `  admin ${formatAddress(admin)}\n`;
}

/** `GET,POST www.example.org/api/*` */
function matchText({ hosts, methods, path }: RouteConfig): string {
  const rest = path.kind === 'exact' ? '' : path.value.endsWith('/') ? '*' : '/*';
  const method = methods.length === 0 ? '' : `${methods.join(',')} `;
  return `${method}${hosts.join(',')}${path.value}${rest}`;
}

function targetText(target: RouteConfig['target']): string {
  switch (target.kind) {
    case 'upstream':
      return `upstream ${target.upstream}`;
    case 'endpoint':
      return `endpoint ${target.endpoint}`;
    case 'keyval':
      return `endpoint keyval${target.api.isWritable ? '' : ' (read only)'}`;
    case 'respond':
      return `status ${target.status}`;
  }
}
