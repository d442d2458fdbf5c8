import { spawnSync } from 'node:child_process';

/** An NGINX that can be started here. */
export interface NginxCommand {
  readonly command: string;
  /** `1.22.1` */
  readonly version: string;
}

/** Where packages put it; `sbin` is not on everybody's path. */
const places = [
  'nginx',
  '/usr/sbin/nginx',
  '/usr/local/sbin/nginx',
  '/usr/local/nginx/sbin/nginx',
  '/opt/homebrew/bin/nginx',
];

function findNginx(): NginxCommand | null {
  for (const command of places) {
    // It says its version and how it was built on stderr.
    const { status, stderr } = spawnSync(command, ['-V'], { encoding: 'utf8' });
    if (status !== 0) continue;
    if (!stderr.includes('http_auth_request_module')) continue;
    return { command, version: /nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown' };
  }
  return null;
}

/** What to say to somebody who has none. */
export const nginxMissing = [
  'NGINX with auth_request is missing. Install it and run again:',
  '  Debian, Ubuntu   sudo apt-get install nginx-light',
  '  Fedora           sudo dnf install nginx',
  '  Alpine           sudo apk add nginx',
  '  macOS            brew install nginx',
].join('\n');

/** Finds NGINX; installs Debian's where we are root and may; null where it has to be asked for. */
export function findOrInstallNginx(say: (line: string) => void): NginxCommand | null {
  const found = findNginx();
  if (found !== null) return found;
  const hasAptGet = spawnSync('apt-get', ['--version']).status === 0;
  if (process.getuid?.() !== 0 || !hasAptGet) return null;
  say('NGINX is missing: apt-get install nginx-light');
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'nginx-light'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return findNginx();
}
