import type { BenchResult } from '../results/result-file.ts';

export const headline = 'small-get';

const titles: Readonly<Record<string, string>> = {
  'small-get': 'A small GET with a session, 64 connections',
  'small-get-1': 'A small GET with a session, 1 connection',
  'small-get-512': 'A small GET with a session, 512 connections',
  'half-load': 'Half of the full load: the same fixed rate for everybody',
  'post-4k': 'POST with a body of 4 KiB',
  'post-64k': 'POST with a body of 64 KiB',
  'post-1m': 'POST with a body of 1 MiB',
  'get-64k': 'Answers of 64 KiB',
  'get-1m': 'Answers of 1 MiB',
  tls: 'A small GET over TLS',
  http2: 'A small GET on HTTP/2',
  websocket: 'WebSockets: messages that come back',
  'new-connections': 'A small GET, each on a connection of its own',
  'flood-401': 'A flood of forged tokens, all refused',
  mixed: 'Logins, reads and logouts mixed',
  'cold-cache': 'Sessions that no cache knows yet',
  'two-cores': 'A small GET, two workers each, nobody pinned',
};

/** `sessions-1e6`: how many there are. */
export function sessionsOf(scenario: string): number | null {
  const [, power] = /^sessions-1e(\d)$/.exec(scenario) ?? [];
  return power === undefined ? null : 10 ** Number(power);
}

/** For people; a scenario that is not known here keeps its name. */
export function scenarioTitle(name: string): string {
  const sessions = sessionsOf(name);
  return sessions === null
    ? (titles[name] ?? name)
    : `${sessions.toLocaleString('en')} sessions, requests over random ones`;
}

/** Those that have rows, the headline first. */
export function scenariosIn({ rows }: BenchResult): readonly string[] {
  const names = [...new Set(rows.map(({ scenario }) => scenario))];
  return [headline, ...names.filter((name) => name !== headline)].filter((name) =>
    names.includes(name),
  );
}
