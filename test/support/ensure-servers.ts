import { execFileSync, spawnSync } from 'node:child_process';

/** Commands that the `full` tests drive, and the Debian package that brings each. */
const packageOf: Readonly<Record<string, string>> = {
  ab: 'apache2-utils',
  chromium: 'chromium',
  curl: 'curl',
  nginx: 'nginx-light',
  prlimit: 'util-linux',
};

/**
 * Runs once before the tests of the `full` project. A test that is skipped because a server is missing proves nothing,
 * so what is missing is installed where that is possible, and is an error where it is not.
 */
export function setup(): void {
  const missing = Object.keys(packageOf).filter((command) => !isInstalled(command));
  if (missing.length === 0) return;
  const packages = missing.map((command) => packageOf[command] ?? command);
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
  const still = missing.filter((command) => !isInstalled(command));
  if (still.length > 0) throw new Error(`${still.join(', ')} still missing after: ${remedy}`);
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
