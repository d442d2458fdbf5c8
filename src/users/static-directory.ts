import type { StaticDirectoryConfig, StaticUserConfig } from '../config/static-directory.ts';
import type { Principal } from '../identity/principal.ts';
import type { HashTurn } from '../passwords/hash-turn.ts';
import { PasswordChecker } from '../passwords/password-checker.ts';
import type { KeyChecker } from '../passwords/password-checker.ts';
import { isPasswordAcceptable } from '../passwords/password.ts';
import { readStoredPassword } from '../passwords/stored-password.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import type { Directory } from './directory.ts';
import { DirectoryConfigError } from './directory-config-error.ts';
import { passwordMarkOf } from './standing.ts';
import type { Standing } from './standing.ts';
import { canonicalUsername } from './username.ts';
import { accepted, rejected, rejectedAs, unavailable } from './verdict.ts';
import type { Verdict } from './verdict.ts';

interface StaticUser {
  readonly stored: StoredPassword;
  /** Made once: every login of a user gives the same frozen principal. */
  readonly acceptance: Verdict;
  readonly standing: Standing;
}

/** The users that stand in the configuration file. Names are compared exactly, case included. */
export class StaticDirectory implements Directory {
  readonly name: string;
  readonly #users: ReadonlyMap<string, StaticUser>;
  readonly #passwords: PasswordChecker;

  /** Throws a DirectoryConfigError with every problem of the configured users. */
  constructor(config: StaticDirectoryConfig, keys: KeyChecker) {
    this.name = config.name;
    this.#users = readUsers(config);
    const stored = [...this.#users.values()].map((user) => user.stored);
    this.#passwords = new PasswordChecker(keys, stored);
  }

  async authenticate(username: string, password: string, turn?: HashTurn): Promise<Verdict> {
    const name = canonicalUsername(username);
    if (name === null || !isPasswordAcceptable(password)) return rejected;
    const user = this.#users.get(name);
    const match = await this.#passwords.check(password, user?.stored ?? null, turn);
    if (match === 'unavailable') return unavailable;
    return user !== undefined && match === 'match'
      ? user.acceptance
      : rejectedAs(this.name, user === undefined ? null : name);
  }

  async find(username: string): Promise<Verdict> {
    const name = canonicalUsername(username);
    if (name === null) return rejected;
    return this.#users.get(name)?.acceptance ?? rejected;
  }

  async standing(username: string): Promise<Standing> {
    const name = canonicalUsername(username);
    if (name === null) return rejected;
    return this.#users.get(name)?.standing ?? rejected;
  }
}

function readUsers(config: StaticDirectoryConfig): Map<string, StaticUser> {
  const users = new Map<string, StaticUser>();
  const problems: string[] = [];
  for (const [index, user] of config.users.entries()) {
    const name = canonicalUsername(user.username);
    if (name === null) {
      problems.push(`user ${index + 1} has a name that is empty, too long, or holds controls`);
      continue;
    }
    const text = user.password.reveal();
    const read = readStoredPassword(text, config.insecurePlainText);
    if (users.has(name)) {
      problems.push(`user ${name} is there twice`);
    } else if (read.kind === 'refused') {
      problems.push(`the password of user ${name} ${read.reason}`);
    } else {
      const principal = principalOf(config.name, user);
      // A mark of plain text would be a hash of it without a salt.
      const passwordMark = read.stored.kind === 'plain' ? null : passwordMarkOf(text);
      users.set(name, {
        stored: read.stored,
        acceptance: accepted(principal, passwordMark),
        standing: Object.freeze({ kind: 'accepted', principal, passwordMark }),
      });
    }
  }
  if (problems.length > 0) throw new DirectoryConfigError(config.name, problems);
  return users;
}

function principalOf(directory: string, user: StaticUserConfig): Principal {
  return Object.freeze({
    subject: user.username,
    directory,
    role: user.role,
    groups: Object.freeze([...user.groups]),
    attributes: Object.freeze({}),
  });
}
