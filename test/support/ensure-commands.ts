import { execFileSync, spawnSync } from 'node:child_process';

/** By what is looked for: the Debian package that brings it. */
type Packages = Readonly<Record<string, string>>;

/**
 * What is missing is installed where that is possible, and is an error where it is not: a check that is skipped proves
 * nothing. `packageOf` has commands; `conditionOf` has packages that bring none, and a shell condition that holds where
 * they are.
 */
export function ensureCommands(packageOf: Packages, conditionOf: Packages): void {
  const missing = missingOnes(packageOf, conditionOf);
  if (missing.length === 0) return;
  const packages = missing.map((name) => packageOf[name] ?? name);
  const remedy = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    throw new Error(`What is missing: ${missing.join(', ')}. Run: sudo ${remedy}`);
  }
  process.stdout.write(`What is missing: ${missing.join(', ')}; running ${remedy}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-q'], { stdio: ['ignore', 'ignore', 'inherit'], env });
  execFileSync('apt-get', remedy.split(' ').slice(1), {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  const still = missingOnes(packageOf, conditionOf);
  if (still.length > 0) throw new Error(`${still.join(', ')} still missing after: ${remedy}`);
}

function missingOnes(packageOf: Packages, conditionOf: Packages): string[] {
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
