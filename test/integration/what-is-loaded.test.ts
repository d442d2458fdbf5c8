import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Gateway } from '../support/gateway.ts';
import { planned, type GatewayYaml } from '../support/gateway-yaml.ts';
import { ask } from '../support/raw-client.ts';

const recorder = fileURLToPath(new URL('../support/record-loads-main.ts', import.meta.url));

interface Loads {
  readonly packages: readonly string[];
  /** `NativeModule tls` */
  readonly internals: readonly string[];
}

/** What a gateway has loaded that was started, asked once and stopped. */
async function loadsOf(yaml: GatewayYaml): Promise<Loads> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-loads-'));
  try {
    const path = join(folder, 'loads.json');
    const env = { NODE_OPTIONS: `--import=${recorder}`, PORTCULLIS_TEST_LOADS: path };
    await using gateway = await Gateway.start(yaml, { env });
    await ask(gateway.edge, 'GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await gateway.process.stop();
    return JSON.parse(await readFile(path, 'utf8')) as Loads; // what the recorder wrote
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const clients: ReadonlySet<string> = new Set([
  ...['ioredis', 'mysql2', 'pg', 'ldapts', 'jose', 'undici'],
  ...['http-proxy-3', 'prom-client', 'bcryptjs'],
]);
/** Node's client for HTTP, which comes with an `import` of node:http. */
const nodeClient = 'NativeModule internal/deps/undici/undici';

describe('a gateway', () => {
  it('with sessions in memory and users of its own loads no client of a store or a directory', async () => {
    const { internals, packages } = await loadsOf(planned({ upstreamPorts: [9] }));
    expect(packages).toContain('zod'); // the recorder sees something
    expect(packages.filter((name) => clients.has(name))).toEqual([]);
    const parts = new Set([
      nodeClient,
      ...['http2', 'tls', 'sqlite'].map((name) => `NativeModule ${name}`),
    ]);
    expect(internals).toContain('NativeModule http');
    expect(internals.filter((name) => parts.has(name))).toEqual([]);
  });

  it('loads what its configuration names', async () => {
    const yaml = planned({ upstreamPorts: [9], upstream: { health: { path: '/healthz' } } });
    const ldap = { userBase: 'dc=a', service: { dn: 'cn=a', password: 'b' } };
    yaml.directories = {
      ...yaml.directories,
      people: { type: 'ldap', urls: ['ldap://127.0.0.1:9'], ...ldap },
    };
    const { packages } = await loadsOf(yaml);
    expect(packages.filter((name) => clients.has(name)).toSorted()).toEqual(['ldapts', 'undici']);
  });
});
