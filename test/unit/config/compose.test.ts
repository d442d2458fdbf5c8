import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { ConfigProblems } from '../../../src/config/config-problems.ts';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { projectRoot } from '../../support/gateway.ts';
import { waitForValue } from '../../support/wait-for.ts';

const strings = z.array(z.string());
const serviceShape = z.object({
  image: z.string(),
  build: z.string().optional(),
  profiles: strings.default([]),
  command: strings.default([]),
  ports: strings.default([]),
  volumes: strings.default([]),
  depends_on: strings.default([]),
  environment: z.record(z.string(), z.string()).default({}),
  networks: z.record(z.string(), z.object({ aliases: strings.default([]) })).default({}),
  read_only: z.boolean().default(false),
  cap_drop: strings.default([]),
  tmpfs: strings.default([]),
});
type Service = z.output<typeof serviceShape>;

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');
const composeShape = z.object({
  services: z.record(z.string(), serviceShape),
  volumes: z.record(z.string(), z.unknown()),
});
const compose = composeShape.parse(parse(read('docker-compose.yml'), { merge: true }));
const services = new Map(Object.entries(compose.services));
const gateways = [...services].filter(([, { build }]) => build !== undefined);
const twins = gateways.filter(([, { profiles }]) => profiles.length === 0);
const packageShape = z.object({
  version: z.string(),
  devDependencies: z.object({ node: z.string() }),
});
const ours = packageShape.parse(JSON.parse(read('package.json')));
const key = 'a-token-key-of-this-test-0123456789abcdef';
const inImage = '/srv/portcullis/';

function configOf({ environment }: Service): Config {
  const path = environment['PORTCULLIS_CONFIG']?.slice(inImage.length) ?? '';
  return loadConfig(join(projectRoot, path), { PORTCULLIS_TOKEN_KEY: key });
}

/** Every `host:port` that a gateway asks. */
function askedBy({ directories, sessions, tokenCaches, upstreams }: Config): string[] {
  const urls = tokenCaches.flatMap(({ service }) =>
    service !== null && 'url' in service ? [new URL(service.url).host] : [],
  );
  const asked = directories.flatMap((directory) => {
    if (directory.type === 'ldap')
      return directory.servers.map(({ host, port }) => `${host}:${port}`);
    return directory.type === 'django'
      ? [`${directory.address.host}:${directory.address.port}`]
      : [];
  });
  const store = sessions.store.type === 'redis' ? sessions.store.servers : [];
  const servers = [...upstreams.flatMap((group) => group.servers), ...store];
  return [...urls, ...asked, ...servers.map(({ host, port }) => `${host ?? ''}:${String(port)}`)];
}

/** What listens where in the network of the containers. */
const listening = new Map([
  ['redis', [6379]],
  ['ldap', [389]],
  ['database', [3306]],
  ['prometheus', [9090]],
  ...[...services].flatMap(([name, { environment }]): [string, number[]][] =>
    environment['PORT'] === undefined ? [] : [[name, [Number(environment['PORT'])]]],
  ),
  ...gateways.map(([name, service]): [string, number[]] => {
    const { admin, listeners } = configOf(service);
    return [name, [...listeners.map(({ port }) => port), ...(admin === null ? [] : [admin.port])]];
  }),
]);

const isListening = (place: string): boolean => {
  const [host = '', port] = place.split(':');
  return listening.get(host)?.includes(Number(port)) ?? false;
};

describe('docker-compose.yml', () => {
  test('has a profile for each thing to try, and the usual services without one', () => {
    const profiles = new Set([...services.values()].flatMap((service) => service.profiles));
    const wanted = ['django', 'ldap', 'multinode', 'nginx-oss', 'nginx-plus'];
    expect([...profiles].toSorted()).toEqual(wanted);
    const usual = [...services].filter(([, service]) => service.profiles.length === 0);
    expect(usual.map(([name]) => name).toSorted()).toEqual([
      'api',
      'gateway1',
      'gateway2',
      'grafana',
      'prometheus',
      'redis',
    ]);
  });

  test('runs two gateways of one configuration, which is right', () => {
    expect(twins.map(([name]) => name)).toEqual(['gateway1', 'gateway2']);
    const configs = twins.map(([, service]) => configOf(service));
    expect(configs[0]).toEqual(configs[1]);
    expect(configs[0]?.sessions.store.type).toBe('redis');
  });

  test('runs gateways whose root file system cannot be written to, without rights', () => {
    expect(gateways.length).toBeGreaterThanOrEqual(8);
    for (const [, service] of gateways) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], tmpfs: ['/tmp'] });
    }
  });

  test('starts no gateway without a token key', () => {
    for (const [, { environment }] of gateways) {
      expect(environment['PORTCULLIS_TOKEN_KEY']).toMatch(/^\$\{PORTCULLIS_TOKEN_KEY:\?.+\}$/);
    }
    const load = () => loadConfig(join(projectRoot, 'config/cluster.yaml'), {});
    expect(load).toThrow(ConfigProblems);
  });

  test.each(gateways)('has everything that %s names, where it names it', (_name, service) => {
    const config = configOf(service);
    const asked = askedBy(config);
    expect(asked.filter((place) => !isListening(place))).toEqual([]);
    // And it is there whenever the gateway is.
    for (const place of asked) {
      const profiles = services.get(place.split(':')[0] ?? '')?.profiles ?? [];
      expect([[], service.profiles]).toContainEqual(profiles);
    }
  });

  test('publishes ports of its own, to this machine alone, and the documents name them', () => {
    const published = [...services.values()].flatMap(({ ports }) => ports);
    const outside = published.map((port) => /^127\.0\.0\.1:(\d+):\d+$/.exec(port)?.[1] ?? port);
    expect(new Set(outside).size).toBe(published.length);
    const guide = read('docs/containers.md');
    for (const port of outside) expect(guide).toMatch(new RegExp(`^\\|.*\\b${port}\\b`, 'm'));
    for (const [name, { ports }] of gateways) {
      for (const port of ports)
        expect(isListening(`${name}:${port.split(':')[2] ?? ''}`)).toBe(true);
    }
    // The operators' port is nobody's but Prometheus's.
    expect(published.filter((port) => port.endsWith(':9099'))).toEqual([]);
  });

  test('mounts what is there, and waits for what is there', () => {
    for (const { depends_on: before, volumes } of services.values()) {
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        if (!source.startsWith('.')) expect(compose.volumes).toHaveProperty(source);
        else expect(existsSync(join(projectRoot, source)), volume).toBe(true);
      }
      for (const name of before) expect(services.has(name)).toBe(true);
    }
  });

  test('pins what it runs', () => {
    for (const [name, { image }] of services) {
      if (name.startsWith('nginx-plus')) expect(image).toMatch(/^\$\{NGINX_PLUS_IMAGE:-/);
      else expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+(?:\.\d+)?(?:-[a-z]+)?$/);
    }
    const base = `node:${ours.devDependencies.node}-slim`;
    expect(services.get('api')?.image).toBe(base);
    expect(read('Dockerfile')).toContain(`ARG BASE=${base}\n`);
    for (const [, { image }] of gateways) expect(image).toBe(`portcullis:${ours.version}`);
  });

  test('keeps what Redis was told, and lets it throw out nothing', () => {
    const command = services.get('redis')?.command.join(' ');
    expect(command).toContain('--appendonly yes');
    expect(command).toContain('--maxmemory-policy noeviction');
  });

  test('lets Prometheus ask both gateways, and Grafana ask Prometheus', () => {
    const scraping = z
      .object({
        rule_files: strings,
        scrape_configs: z.array(
          z.object({
            job_name: z.string(),
            static_configs: z.array(z.object({ targets: strings })),
          }),
        ),
      })
      .parse(parse(read('config/compose/prometheus.yml')));
    const [job] = scraping.scrape_configs;
    expect(job?.job_name).toBe('portcullis');
    const targets = job?.static_configs.flatMap((one) => one.targets) ?? [];
    expect(targets).toEqual(twins.map(([name]) => `${name}:9099`));
    for (const target of targets) expect(isListening(target)).toBe(true);
    const places = services.get('prometheus')?.volumes.map((volume) => volume.split(':')[1]);
    for (const file of scraping.rule_files) expect(places).toContain(`/etc/prometheus/${file}`);

    const source = z
      .object({ datasources: z.tuple([z.object({ url: z.string() })]) })
      .parse(parse(read('config/compose/grafana-datasource.yml')));
    expect(isListening(new URL(source.datasources[0].url).host)).toBe(true);
    const boards = z
      .object({ providers: z.tuple([z.object({ options: z.object({ path: z.string() }) })]) })
      .parse(parse(read('config/compose/grafana-dashboards.yml')));
    const shown = services.get('grafana')?.volumes.map((volume) => volume.split(':')[1] ?? '');
    const { path } = boards.providers[0].options;
    expect(shown?.filter((place) => place.startsWith(`${path}/`))).toHaveLength(1);
  });

  test('gives NGINX every name that its template wants', () => {
    const template = read('compat-nginx/oss/auth-request.conf.template');
    const names = new Set([...template.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name = '']) => name));
    const { environment = {} } = services.get('nginx') ?? {};
    expect(new Set(Object.keys(environment))).toEqual(names);
    for (const name of ['UPSTREAM_ADDRESS', 'CONTROL_ADDRESS']) {
      expect(isListening(environment[name] ?? '')).toBe(true);
    }
  });

  test('gives NGINX Plus the names that its files ask for', () => {
    const mine = [...services].filter(([name]) => name.startsWith('nginx-plus'));
    const aliases = mine.flatMap(([, { networks }]) => networks['nginx-plus']?.aliases ?? []);
    const files = ['balancer.conf', 'proxy.conf', 'zone_sync.conf'];
    const asked = files.flatMap((file) =>
      [...read(`compat-nginx/plus/${file}`).matchAll(/^\s*(?:zone_sync_)?server (\w+):\d+/gm)].map(
        ([, host = '']) => host,
      ),
    );
    expect(new Set(asked)).toEqual(new Set(aliases));
    for (const [, { networks }] of mine) expect(Object.keys(networks)).toEqual(['nginx-plus']);
  });

  test.each([
    ['api', { method: 'GET', path: '/api/x', user: 'somebody' }],
    ['tokens', expect.stringMatching(/^[\w-]{32}$/)],
  ])('has a server %s that answers', async (name, expected) => {
    const file = services.get(name)?.volumes[0]?.split(':')[0] ?? '';
    const child = spawn(process.execPath, [join(projectRoot, file)], {
      env: { ...process.env, PORT: '0', HOST: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      let said = '';
      child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
      const port = await waitForValue('the port', () => /on (\d+)/.exec(said)?.[1] ?? null);
      const headers = { 'X-UserInfo': 'somebody' };
      const response = await fetch(`http://127.0.0.1:${port}/api/x`, { headers });
      const text = await response.text();
      expect(text.startsWith('{') ? JSON.parse(text) : text).toEqual(expected);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('the Dockerfile', () => {
  const text = read('Dockerfile');

  test('copies what .dockerignore lets through, and nothing else is let through', () => {
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' ').map((name) => name.split('/')[0]),
    );
    const letThrough = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, name]) => name);
    expect(new Set(copied)).toEqual(new Set(letThrough));
    for (const name of copied) expect(existsSync(join(projectRoot, name ?? ''))).toBe(true);
  });

  test('is no root, asks itself how it is, and starts what the package starts', () => {
    expect(text).toContain('\nUSER 1000:1000\n');
    expect(text).toMatch(/^HEALTHCHECK .*CMD \["portcullis", "health"\]$/m);
    expect(text).toContain('/srv/portcullis/dist/src/main.js /usr/local/bin/portcullis');
    expect(text).toMatch(/^ARG BASE=/m);
  });
});
