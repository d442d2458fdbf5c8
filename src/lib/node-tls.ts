import type tls from 'node:tls';

/** `node:tls`, loaded by whoever really has to do with it: 6 MiB that a gateway in the clear does without. */
export function nodeTls(): typeof tls {
  return process.getBuiltinModule('node:tls');
}
