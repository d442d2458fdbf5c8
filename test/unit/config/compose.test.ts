import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigProblems } from '../../../src/config/config-problems.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { projectRoot } from '../../support/gateway.ts';
import { waitForValue } from '../../support/wait-for.ts';

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const text = readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as ComposeFile; // what Compose reads
const { services } = compose;
const gateways = Object.entries(services).filter(([name]) => name.startsWith('gateway'));
const key = 'a-token-key-of-this-test-0123456789abcdef';

function configOf({ command = [] }: ComposeService) {
  const path = command[command.indexOf('--config') + 1] ?? '';
  return loadConfig(join(projectRoot, path), { PORTCULLIS_TOKEN_KEY: key });
}

describe('docker-compose.yml', () => {
  test('runs two gateways of one configuration, which is right', () => {
    expect(gateways.map(([name]) => name)).toEqual(['gateway1', 'gateway2']);
    const configs = gateways.map(([, service]) => configOf(service));
    expect(configs[0]).toEqual(configs[1]);
    expect(configs[0]?.sessions.store.type).toBe('redis');
  });

  test('starts no gateway without a token key', () => {
    for (const [, { environment }] of gateways) {
      expect(environment?.['PORTCULLIS_TOKEN_KEY']).toMatch(/^\$\{PORTCULLIS_TOKEN_KEY:\?.+\}$/);
    }
    const load = () => loadConfig(join(projectRoot, 'config/cluster.yaml'), {});
    expect(load).toThrow(ConfigProblems);
  });

  test('has everything that the gateways name, where they name it', () => {
    for (const [, service] of gateways) {
      const { sessions, upstreams } = configOf(service);
      const [redis] = sessions.store.type === 'redis' ? sessions.store.servers : [];
      expect(redis).toEqual({ host: 'redis', port: 6379 });
      const servers = upstreams.flatMap((upstream) => upstream.servers);
      expect(servers.map(({ host, port }) => [host, String(port)])).toEqual([
        ['api', services['api']?.environment?.['PORT']],
      ]);
    }
  });

  test('shows the edge of each gateway to this machine, and nothing else to anybody', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    const published = gateways.flatMap(([, service]) => service.ports ?? []);
    expect(ports).toEqual(published);
    const outside = new Set(published.map((port) => port.split(':').slice(0, 2).join(':')));
    expect(outside.size).toBe(gateways.length);
    for (const [, service] of gateways) {
      const [edge] = configOf(service).listeners;
      const inside = service.ports?.map((port) => port.split(':'));
      expect(inside).toEqual([['127.0.0.1', expect.any(String), String(edge?.port)]]);
    }
  });

  test('mounts what is there, and pins what it runs', () => {
    for (const { image, volumes = [] } of Object.values(services)) {
      expect(image).toMatch(/^[a-z]+:\d+(?:\.\d+)?-[a-z]+$/);
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        const isThere = source.startsWith('.')
          ? existsSync(join(projectRoot, source))
          : source in compose.volumes;
        expect(isThere, volume).toBe(true);
      }
    }
    const major = process.versions.node.split('.')[0] ?? '';
    expect(gateways[0]?.[1].image).toBe(`node:${major}-slim`);
  });

  test('keeps what Redis was told, and lets it throw out nothing', () => {
    const command = services['redis']?.command?.join(' ');
    expect(command).toContain('--appendonly yes');
    expect(command).toContain('--maxmemory-policy noeviction');
  });

  test('has an API that says who is asking', async () => {
    const file = services['api']?.volumes?.[0]?.split(':')[0] ?? '';
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
      expect(await response.json()).toEqual({ method: 'GET', path: '/api/x', user: 'somebody' });
    } finally {
      child.kill('SIGKILL');
    }
  });
});
