import type { Command } from './command.ts';

interface CatalogueEntry {
  readonly name: string;
  /**
   * The command's own summary, here too so that the list is printed without loading what the
   * commands need.
   */
  readonly summary: string;
  load(): Promise<Command>;
  /** Not for people. */
  readonly isHidden?: true;
}

/** Every command, each loaded only when it is wanted. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: 'start',
    summary: 'Run the gateway',
    load: async () => (await import('./start.ts')).start,
  },
  {
    name: 'init',
    summary: 'Write a first configuration, with keys and a first user',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'check',
    summary: 'Say whether a configuration file is right, and everything that is not',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'doctor',
    summary: 'Look for what is wrong around a gateway, and say what to do about it',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'explain',
    summary: 'Show what would become of a request, and what an upstream would get',
    load: async () => (await import('./explain.ts')).explain,
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
    name: 'bans',
    summary: 'Show who has to wait after failed logins, and let them try again',
    load: async () => (await import('./bans.ts')).bans,
  },
  {
    name: 'sessions',
    summary: 'List, show and end sessions, of a user or of everybody',
    load: async () => (await import('./sessions.ts')).sessions,
  },
  {
    name: 'nodes',
    summary: 'Show the processes of the running gateway',
    load: async () => (await import('./nodes.ts')).nodes,
  },
  {
    name: 'reload',
    summary: 'Let the running gateway take its configuration anew',
    load: async () => (await import('./reload.ts')).reload,
  },
  {
    name: 'restart',
    summary: 'Let the running gateway replace its workers one by one',
    load: async () => (await import('./restart.ts')).restart,
  },
  {
    name: 'drain',
    summary: 'Let the running gateway finish what it has and end',
    load: async () => (await import('./drain.ts')).drain,
  },
  {
    name: 'health',
    summary: 'Ask the running gateway whether it may receive traffic',
    load: async () => (await import('./health.ts')).health,
  },
  {
    name: 'prove-revocation',
    summary: 'Measure on your own nodes how soon an ended session is refused everywhere',
    load: async () => (await import('./prove-revocation.ts')).proveRevocation,
  },
  {
    name: 'worker',
    summary: 'A worker of `portcullis start`',
    load: async () => (await import('./worker.ts')).worker,
    isHidden: true,
  },
];
