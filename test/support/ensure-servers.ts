import { ensureCommands } from './ensure-commands.ts';

/** Commands that the `full` tests drive, and the Debian package that brings each. */
const packageOf: Readonly<Record<string, string>> = {
  ab: 'apache2-utils',
  caddy: 'caddy',
  chromium: 'chromium',
  curl: 'curl',
  gcc: 'gcc',
  haproxy: 'haproxy',
  ldapadd: 'ldap-utils',
  logrotate: 'logrotate',
  mariadbd: 'mariadb-server',
  nginx: 'nginx-light',
  openssl: 'openssl',
  prlimit: 'util-linux',
  prometheus: 'prometheus',
  'redis-server': 'redis-server',
  slapd: 'slapd',
  slowhttptest: 'slowhttptest',
  spin: 'spin',
};

/** Packages that bring no command on the path, and a shell condition that holds where they are. */
const conditionOf: Readonly<Record<string, string>> = {
  'libc6-dev': 'test -e /usr/include/stdio.h',
  'libnginx-mod-http-js': 'ls /usr/lib/nginx/modules/ngx_http_js_module.so',
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
  ensureCommands(packageOf, conditionOf);
}
