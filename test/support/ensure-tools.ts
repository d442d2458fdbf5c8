import { ensureCommands } from './ensure-commands.ts';

/** Runs once before the tests of the `fast` project, which need no server, but some certificates. */
export function setup(): void {
  ensureCommands({ openssl: 'openssl' }, {});
}
