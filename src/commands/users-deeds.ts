import { ConfigProblems } from '../config/config-problems.ts';
import { ConfigUnreadable } from '../config/config-unreadable.ts';
import { loadConfig } from '../config/load.ts';
import type { SqliteDirectoryConfig } from '../config/sqlite-directory.ts';
import { defaultCost } from '../passwords/argon2-cost.ts';
import { hashPassword } from '../passwords/hash-password.ts';
import { UserFile } from '../users/user-file.ts';
import type { FileUser } from '../users/user-file.ts';
import { configPathFrom } from './arguments.ts';
import { askPassword, interruptedCode } from './ask-password.ts';
import type { CommandOutput } from './command.ts';
import type { UsersOrder } from './users-arguments.ts';

/** Does it, and gives the exit code. */
export async function runUsersDeed(order: UsersOrder, io: CommandOutput): Promise<number> {
  const found = directoryOf(order);
  if (typeof found === 'string') return notDone(io, found);
  const path = found.path;
  let password = '';
  if (order.deed === 'add' || order.deed === 'passwd') {
    const asked = await askPassword(io);
    if (asked.kind === 'interrupted') return interruptedCode;
    if (asked.kind === 'refused') return notDone(io, asked.reason);
    password = hashPassword(asked.password, defaultCost);
  }
  let file: UserFile;
  try {
    const isRead = order.deed === 'list';
    file = isRead ? UserFile.open(path) : UserFile.openToWrite(path, order.deed === 'add');
  } catch (error) {
    return notDone(io, `${path}: ${messageOf(error)}`);
  }
  try {
    return report(order, carryOut(order, password, file), io);
  } catch (error) {
    return notDone(io, `${path}: ${messageOf(error)}`);
  } finally {
    file.close();
  }
}

/** False where nothing was changed. */
function carryOut(order: UsersOrder, password: string, file: UserFile): boolean | FileUser[] {
  const { deed, username, role, groups } = order;
  switch (deed) {
    case 'add':
      return file.add({ username, password, role, groups, isDisabled: false });
    case 'passwd':
      return file.setPassword(username, password);
    case 'disable':
      return file.setDisabled(username, true);
    case 'enable':
      return file.setDisabled(username, false);
    case 'list':
      return file.list();
  }
}

function report(order: UsersOrder, result: boolean | FileUser[], io: CommandOutput): number {
  if (typeof result !== 'boolean') {
    io.out(order.isJson ? jsonOf(result) : result.map(lineOf).join(''));
    return 0;
  }
  if (result) return 0;
  const name = JSON.stringify(order.username);
  return notDone(io, order.deed === 'add' ? `there is already a ${name}` : `there is no ${name}`);
}

/** Hashes are nobody's to see. */
function jsonOf(users: readonly FileUser[]): string {
  const shown = users.map(({ username, role, groups, isDisabled }) => ({
    username,
    role,
    groups,
    isDisabled,
  }));
  return `${JSON.stringify(shown, null, 2)}\n`;
}

function lineOf({ username, role, groups, isDisabled }: FileUser): string {
  return `${username}\t${role}\t${groups.join(',')}\t${isDisabled ? 'disabled' : 'enabled'}\n`;
}

/** The directory, or why there is none in one sentence. */
function directoryOf({
  config: named,
  directory: wanted,
}: UsersOrder): SqliteDirectoryConfig | string {
  const path = configPathFrom(new Map(named === null ? [] : [['config', named]]));
  let directories;
  try {
    ({ directories } = loadConfig(path));
  } catch (error) {
    if (error instanceof ConfigUnreadable) return error.message;
    if (error instanceof ConfigProblems) return `${error.message}; see portcullis check`;
    throw error;
  }
  const files = directories.filter((directory) => directory.type === 'sqlite');
  const names = files.map((directory) => directory.name).join(', ');
  if (wanted !== null) {
    const found = files.find((directory) => directory.name === wanted);
    return found ?? `${path} has no directory ${JSON.stringify(wanted)} of type sqlite`;
  }
  const [only, ...others] = files;
  if (only === undefined) return `${path} has no directory of type sqlite`;
  return others.length === 0 ? only : `${path} has several: say --directory with one of ${names}`;
}

function notDone(io: CommandOutput, sentence: string): number {
  io.err(`portcullis users: ${sentence}\n`);
  return 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
