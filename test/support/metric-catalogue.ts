import { PassThrough } from 'node:stream';
import { newSnapshot } from '../../src/config/read.ts';
import { Lifecycle } from '../../src/lifecycle/phase.ts';
import { figuresOf } from '../../src/assembly/figures.ts';
import { createListener } from '../../src/assembly/listener.ts';
import { Primary } from '../../src/assembly/primary.ts';
import { primaryFigures } from '../../src/assembly/primary-figures.ts';
import { createShared } from '../../src/assembly/shared.ts';
import { silentLog } from '../../src/observability/log.ts';
import type { Figure } from '../../src/observability/figure.ts';
import { CertificateFolder } from './certificates.ts';
import { loadExample } from './example-config.ts';

/** One metric, as the documents tell of it. */
export interface CatalogueEntry {
  readonly name: string;
  readonly kind: string;
  readonly labels: readonly string[];
  readonly help: string;
}

/** A gateway that has everything that is counted. */
const whole = `
workers: 2
listeners:
  edge:
    address: 127.0.0.1:0
    tls:
      certificates: [SITE]
    routes:
      - {exactPath: /auth/login, endpoint: login}
      - {path: /, upstream: app, tokenCache: api, rateLimits: [each]}
admin: {address: 127.0.0.1:0}
upstreams:
  app: {servers: ['127.0.0.1:9']}
rateLimits:
  each: {by: address, requests: 10, per: 1s}
zones:
  api: {timeout: 60s}
tokenCaches:
  api: {zone: api, key: [principal], service: {url: 'http://127.0.0.1:9/token'}}
sessions:
  store: {type: redis, servers: ['127.0.0.1:9']}
tokens:
  keys: [{id: one, secretFile: /run/secrets/key}]
directories:
  demo: {type: static, users: [{username: ada, password: '$argon2id$v=19…'}]}
`;

/** Every metric that a gateway can have, its workers and its primary taken together; nothing is opened. */
export async function metricCatalogue(): Promise<readonly CatalogueEntry[]> {
  await using folder = await CertificateFolder.make();
  const { certFile, keyFile } = await folder.issue({ names: ['gateway.example'] });
  const config = await loadExample(
    whole.replace('SITE', `{certFile: ${certFile}, keyFile: ${keyFile}}`),
  );
  const sink = { lostLines: 0, write: () => {} };
  const seat = {
    place: 1,
    onBroadcast: () => {},
    broadcast: () => {},
    ask: () => Promise.resolve(null),
    socketOf: () => ({ native: new PassThrough(), port: 0 }),
    ticketKeys: () => null,
    onTicketKeys: () => {},
    lost: new Promise<void>(() => {}),
  };
  const shared = await createShared({
    ...{ config, seat, version: '1', log: silentLog, logSink: sink },
    lifecycle: new Lifecycle(),
    descriptorLimit: null,
  });
  const listeners = await Promise.all(
    config.listeners.map((listener) => createListener(listener, shared)),
  );
  const events = { began: () => {}, broadcast: () => {}, leaving: () => {}, ended: () => {} };
  const primary = new Primary({ config, files: newSnapshot(), size: 1, log: silentLog, events });
  const figures = [
    ...figuresOf(shared, listeners),
    ...primaryFigures(primary, '1', sink, { all: 0, last: 0 }),
  ];
  return entriesOf(figures);
}

function entriesOf(figures: readonly Figure[]): readonly CatalogueEntry[] {
  const byName = new Map<string, CatalogueEntry>();
  for (const { help, kind, labels, name } of figures)
    byName.set(name, { name, kind, labels, help });
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The table of the documents. */
export function catalogueTable(entries: readonly CatalogueEntry[]): string {
  const rows = entries.map(
    ({ help, kind, labels, name }) =>
      `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${help} |`,
  );
  return ['| metric | kind | labels | what it tells |', '|---|---|---|---|', ...rows].join('\n');
}
