/** `node:tls`, loaded by whoever really has to do with it: 6 MiB that a gateway in the clear does without. */
export function nodeTls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls');
}
