import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

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

/** Where packages put its njs. */
const modulePlaces = [
  '/usr/lib/nginx/modules/ngx_http_js_module.so',
  '/usr/lib64/nginx/modules/ngx_http_js_module.so',
  '/usr/share/nginx/modules/ngx_http_js_module.so',
];

let found: NginxCommand | null | undefined;

/** One with auth_request; null where there is none. */
export function findNginx(): NginxCommand | null {
  if (found !== undefined) return found;
  for (const command of places) {
    // It says its version and how it was built on stderr.
    const { status, stderr } = spawnSync(command, ['-V'], { encoding: 'utf8' });
    if (status !== 0 || !stderr.includes('http_auth_request_module')) continue;
    found = { command, version: /nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown' };
    return found;
  }
  found = null;
  return found;
}

export function findJsModule(): string | null {
  return modulePlaces.find((path) => existsSync(path)) ?? null;
}
