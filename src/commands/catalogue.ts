import type { Command } from './command.ts';

interface CatalogueEntry {
  readonly name: string;
  /**
   * The command's own summary, here too so that the list is printed without loading what the
   * commands need.
   */
  readonly summary: string;
  load(): Promise<Command>;
}

/** Every command, each loaded only when it is wanted. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: 'start',
    summary: 'Run the gateway',
    load: async () => (await import('./start.ts')).start,
  },
  {
    name: 'check',
    summary: 'Say whether a configuration file is right, and everything that is not',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'schema',
    summary: 'Print the JSON Schema of configuration files, for editors',
    load: async () => (await import('./schema.ts')).schema,
  },
  {
    name: 'hash',
    summary: 'Turn a password into the hash that a configuration file holds',
    load: async () => (await import('./hash.ts')).hash,
  },
  {
    name: 'users',
    summary: 'Add, change and list the users of an SQLite directory',
    load: async () => (await import('./users.ts')).users,
  },
  {
    name: 'prove-revocation',
    summary: 'Measure on your own nodes how soon an ended session is refused everywhere',
    load: async () => (await import('./prove-revocation.ts')).proveRevocation,
  },
];
