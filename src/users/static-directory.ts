import type { StaticDirectoryConfig, StaticUserConfig } from '../config/directory.ts';
import type { Principal } from '../identity/principal.ts';
import { checkPassword } from '../passwords/check-password.ts';
import type { KeyDeriver } from '../passwords/check-password.ts';
import { Decoys } from '../passwords/decoys.ts';
import { isPasswordAcceptable } from '../passwords/password.ts';
import { readStoredPassword } from '../passwords/stored-password.ts';
import type { StoredPassword } from '../passwords/stored-password.ts';
import type { Directory } from './directory.ts';
import { DirectoryConfigError } from './directory-config-error.ts';
import { canonicalUsername } from './username.ts';
import { accepted, rejected, unavailable } from './verdict.ts';
import type { Verdict } from './verdict.ts';

interface StaticUser {
  readonly stored: StoredPassword;
  /** Made once: every login of a user gives the same frozen principal. */
  readonly acceptance: Verdict;
}

/** The users that stand in the configuration file. Names are compared exactly, case included. */
export class StaticDirectory implements Directory {
  readonly name: string;
  readonly #users: ReadonlyMap<string, StaticUser>;
  readonly #decoys: Decoys;
  readonly #deriver: KeyDeriver;

  /** Throws a DirectoryConfigError with every problem of the configured users. */
  constructor(config: StaticDirectoryConfig, deriver: KeyDeriver) {
    this.name = config.name;
    this.#users = readUsers(config);
    this.#decoys = new Decoys([...this.#users.values()].map((user) => user.stored));
    this.#deriver = deriver;
  }

  async authenticate(username: string, password: string): Promise<Verdict> {
    const name = canonicalUsername(username);
    if (name === null || !isPasswordAcceptable(password)) return rejected;
    // One path for known and unknown names: both draw a decoy, both check one password.
    const decoy = this.#decoys.pick(name);
    const user = this.#users.get(name);
    const match = await checkPassword(password, user?.stored ?? decoy, this.#deriver);
    if (match === 'unavailable') return unavailable;
    // Whatever a decoy gave, nobody stands behind it.
    return user !== undefined && match === 'match' ? user.acceptance : rejected;
  }

  async find(username: string): Promise<Verdict> {
    const name = canonicalUsername(username);
    if (name === null) return rejected;
    return this.#users.get(name)?.acceptance ?? rejected;
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
    const read = readStoredPassword(user.password.reveal(), config.insecurePlainText);
    if (users.has(name)) {
      problems.push(`user ${name} is there twice`);
    } else if (read.kind === 'refused') {
      problems.push(`the password of user ${name} ${read.reason}`);
    } else {
      const principal = principalOf(config.name, user);
      users.set(name, { stored: read.stored, acceptance: accepted(principal) });
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
