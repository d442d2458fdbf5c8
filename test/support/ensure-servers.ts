import { execFileSync, spawnSync } from 'node:child_process';

/** Commands that the `full` tests drive, and the Debian package that brings each. */
const packageOf: Readonly<Record<string, string>> = {
  ab: 'apache2-utils',
  chromium: 'chromium',
  curl: 'curl',
  ldapadd: 'ldap-utils',
  mariadbd: 'mariadb-server',
  nginx: 'nginx-light',
  openssl: 'openssl',
  prlimit: 'util-linux',
  slapd: 'slapd',
};

/** Packages that bring no command on the path, and a shell condition that holds where they are. */
const conditionOf: Readonly<Record<string, string>> = {
  postgresql: 'ls /usr/lib/postgresql/*/bin/postgres',
  'python3-django': '/usr/bin/python3 -c "import django"',
  'python3-bcrypt': '/usr/bin/python3 -c "import bcrypt"',
  'python3-argon2': '/usr/bin/python3 -c "import argon2"',
};

/**
 * Runs once before the tests of the `full` project. A test that is skipped because a server is missing proves nothing,
 * so what is missing is installed where that is possible, and is an error where it is not.
 */
export function setup(): void {
  const missing = missingOnes();
  if (missing.length === 0) return;
  const packages = missing.map((name) => packageOf[name] ?? name);
  const remedy = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    throw new Error(`The tests need ${missing.join(', ')}. Run: sudo ${remedy}`);
  }
  process.stdout.write(`The tests need ${missing.join(', ')}; running ${remedy}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-q'], { stdio: ['ignore', 'ignore', 'inherit'], env });
  execFileSync('apt-get', remedy.split(' ').slice(1), {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  const still = missingOnes();
  if (still.length > 0) throw new Error(`${still.join(', ')} still missing after: ${remedy}`);
}

/** Commands and packages. */
function missingOnes(): string[] {
  const commands = Object.keys(packageOf).filter((command) => !isInstalled(command));
  const others = Object.keys(conditionOf).filter((name) => !holds(conditionOf[name] ?? 'false'));
  return [...commands, ...others];
}

function holds(condition: string): boolean {
  return spawnSync('sh', ['-c', condition], { stdio: 'ignore' }).status === 0;
}

function isInstalled(command: string): boolean {
  // nginx lives in /usr/sbin, which is not on every user's path.
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const found = spawnSync('sh', ['-c', 'command -v "$0"', command], {
    env: { ...process.env, PATH: path },
    stdio: 'ignore',
  });
  return found.status === 0;
}
