import { argon2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { staticDirectories } from '../../../src/config/directory.ts';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { jsonSchema } from '../../../src/config/schema.ts';
import { sidecarProfiles } from '../../../src/config/sidecar.ts';
import { serverAt } from '../../support/upstream-config.ts';

const folder = fileURLToPath(new URL('../../../config', import.meta.url));
const schemaText = readFileSync(join(folder, 'portcullis.schema.json'), 'utf8');

function routesOf(config: Config, name: string): Readonly<Record<string, string>> {
  const listener = config.listeners.find((candidate) => candidate.name === name);
  const entries = (listener?.routes ?? []).map(({ path, auth, target }): [string, string] => {
    const goal =
      target.kind === 'endpoint'
        ? target.endpoint
        : target.kind === 'upstream'
          ? `to ${target.upstream}`
          : target.kind === 'keyval'
            ? 'keyval'
            : String(target.status);
    return [path.kind === 'exact' ? path.value : `${path.value}*`, `${goal}, ${auth}`];
  });
  return Object.fromEntries(entries);
}

describe.each(['portcullis.yaml', 'tyke.yaml'])('the shipped %s', (file) => {
  const path = join(folder, file);
  const config = loadConfig(path, {});

  it('has no warnings', () => {
    expect(config.warnings).toEqual([]);
  });

  it('listens on loopback only, at the ports that are documented', () => {
    const addresses = config.listeners.map(({ name, host, port }) => [name, host, port]);
    expect(addresses).toEqual([
      ['edge', '127.0.0.1', 8081],
      ['control', '127.0.0.1', 9000],
    ]);
    expect(config.admin).toMatchObject({ host: '127.0.0.1', port: 9099, hosts: [] });
    expect(config.upstreams.map(({ name, servers }) => [name, servers])).toEqual([
      ['app', [serverAt(9000)]],
    ]);
  });

  it('answers the documented paths', () => {
    const isModern = config.answers === 'modern';
    expect(routesOf(config, 'edge')).toEqual({
      '/auth/login': isModern ? 'loginPage, none' : 'login, none',
      '/auth/logout': 'logout, session',
      '/auth/session': 'session, session',
      ...(isModern && { '/auth/sessions': 'sessions, session' }),
      '/session': 'session, session',
      '/api/*': 'to app, session',
    });
    expect(routesOf(config, 'control')).toEqual({
      '/login': 'login, none',
      '/logout': 'logout, session',
      '/session': 'session, session',
      '/validate': 'validate, session',
      '/escalate': 'escalate, session',
      ...(isModern && { '/return': 'return, session' }),
      '/logout_user': 'logoutUser, session',
      '/api/echo': 'echo, none',
      '/*': 'unknownPath, session',
    });
  });

  it('trusts loopback to ask about cookies', () => {
    expect(config.listeners.map((listener) => listener.trustedPeers)).toEqual([
      [],
      ['127.0.0.0/8', '::1/128'],
    ]);
  });

  it('has the demonstration users, whose passwords are the documented ones', () => {
    const users = staticDirectories(config.directories).flatMap((directory) => directory.users);
    expect(users.map(({ username, role, groups }) => [username, role, groups])).toEqual([
      ['user1', 'physician', ['group1', 'group2']],
      ['user2', 'patient', []],
      ['admin', 'staffuser', []],
    ]);
    const passwords = ['pass1', 'pass2', 'password'];
    for (const [index, { password }] of users.entries()) {
      const [, , , cost, salt = '', tag = ''] = password.reveal().split('$');
      expect(cost).toBe('m=19456,t=2,p=1');
      const computed = argon2Sync('argon2id', {
        message: passwords[index] ?? '',
        nonce: Buffer.from(salt, 'base64'),
        memory: 19_456,
        passes: 2,
        parallelism: 1,
        tagLength: 32,
      });
      expect(computed.toString('base64').replace(/=+$/, '')).toBe(tag);
    }
  });

  it('can be moved to other addresses by the environment, and warns where that lets others in', () => {
    const moved = loadConfig(path, {
      PORTCULLIS_EDGE_ADDRESS: '0.0.0.0',
      PORTCULLIS_EDGE_PORT: '1081',
      PORTCULLIS_CONTROL_PORT: '1000',
      PORTCULLIS_ADMIN_PORT: '1099',
    });
    expect(moved.listeners.map(({ host, port }) => `${host}:${port}`)).toEqual([
      '0.0.0.0:1081',
      '127.0.0.1:1000',
    ]);
    expect(moved.admin?.port).toBe(1099);
    expect(moved.upstreams[0]?.servers[0]?.port).toBe(1000);
    expect(moved.warnings).toEqual([
      expect.stringMatching(
        /published passwords \(user1, user2, admin\).* at edge \(0\.0\.0\.0:1081\)/,
      ),
      expect.stringContaining('without TLS'),
    ]);
  });

  it('ships no secret', () => {
    expect(config.tokens.keys).toEqual([]);
  });

  it('names the schema that comes beside it, and fits it', () => {
    const text = readFileSync(path, 'utf8');
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=portcullis.schema.json');
    const schema = z.fromJSONSchema(JSON.parse(schemaText));
    expect(schema.safeParse(parse(text)).error?.issues ?? []).toEqual([]);
  });
});

describe('the shipped sidecar/portcullis.yaml', () => {
  const path = join(folder, 'sidecar/portcullis.yaml');
  const config = loadConfig(path, {});

  it('has a place for each proxy, and no warnings', () => {
    expect(config.warnings).toEqual([]);
    const sidecars = config.listeners.flatMap((listener) => listener.sidecars);
    expect(sidecars.map((sidecar) => sidecar.profile).toSorted()).toEqual(
      sidecarProfiles.toSorted(),
    );
    for (const { decidesAs, path: place, profile } of sidecars) {
      expect([place, decidesAs]).toEqual([`/sidecar/${profile}`, 'edge']);
    }
  });

  it.each([
    ['nginx', 'nginx.conf', /proxy_set_header X-UserInfo \$portcullis_identity/],
    ['caddy', 'Caddyfile', /request_header -\*userinfo\*/],
    ['haproxy', 'haproxy.cfg', /http-request del-header X-UserInfo/],
    ['traefik', 'traefik.yaml', /X-UserInfo: ''/],
    ['envoy', 'envoy.yaml', /remove: x-userinfo/],
  ])(
    'stands beside the half of %s, %s, which removes what clients say',
    (profile, file, removal) => {
      const text = readFileSync(join(folder, 'sidecar', file), 'utf8');
      expect(text).toMatch(removal);
      const asking = profile === 'haproxy' ? 'portcullis.lua' : file;
      expect(readFileSync(join(folder, 'sidecar', asking), 'utf8')).toContain(
        `/sidecar/${profile}`,
      );
      if (file.endsWith('.yaml')) expect(parse(text)).toBeTypeOf('object');
    },
  );

  it('fits the schema', () => {
    const schema = z.fromJSONSchema(JSON.parse(schemaText));
    const file: unknown = parse(readFileSync(path, 'utf8'));
    expect(schema.safeParse(file).error?.issues ?? []).toEqual([]);
  });
});

describe('the shipped answers', () => {
  it('are modern in portcullis.yaml', () => {
    const config = loadConfig(join(folder, 'portcullis.yaml'), {});
    expect(config.answers).toBe('modern');
    expect(config.cookie.name).toBeNull();
    expect(config.identity.format).toBe('json');
  });

  it("are Tyke's in tyke.yaml", () => {
    const config = loadConfig(join(folder, 'tyke.yaml'), {});
    expect(config.answers).toBe('tyke');
    expect(config.cookie).toMatchObject({ name: 'tyke_auth', path: '/' });
    expect(config.identity).toMatchObject({ field: 'X-UserInfo', format: 'tyke' });
    expect(config.sessions.idleTimeoutMs).toBe(1_800_000);
    expect(config.staff.roles).toEqual(['staffuser']);
  });
});

type Block = Readonly<Record<string, unknown>>;

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every option below a schema, with its path. */
function optionsBelow(schema: Block, path: string): readonly (readonly [string, Block])[] {
  const inner: (readonly [string, Block])[] = [];
  for (const [word, value] of Object.entries(schema)) {
    if (!isBlock(value)) continue;
    if (word === 'properties') {
      for (const [name, option] of Object.entries(value)) {
        if (!isBlock(option)) continue;
        inner.push([`${path}.${name}`, option], ...optionsBelow(option, `${path}.${name}`));
      }
    } else if (word === 'items' || word === 'additionalProperties') {
      inner.push(...optionsBelow(value, `${path}[]`));
    }
  }
  return inner;
}

describe('the shipped JSON Schema', () => {
  it('is what the command prints: renew it with `portcullis schema`', () => {
    expect(schemaText).toBe(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  });

  it('is of the 2020-12 kind and describes every option', () => {
    const schema = jsonSchema();
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    const options = optionsBelow(schema, '');
    expect(options.length).toBeGreaterThan(90);
    const silent = options.filter(([, option]) => typeof option['description'] !== 'string');
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it.each([
    ['an unknown option', { listeners: {}, colour: 1 }],
    ['a duration without a unit', { listeners: {}, drainTimeout: 30 }],
    ['a word that is not allowed', { listeners: {}, answers: 'old' }],
    ['no listeners', {}],
  ])('refuses %s', (_claim, file) => {
    expect(z.fromJSONSchema(JSON.parse(schemaText)).safeParse(file).success).toBe(false);
  });

  it('accepts a value from the environment in the place of a number', () => {
    const file = { listeners: {}, passwords: { threads: '${THREADS:-2}' } };
    expect(z.fromJSONSchema(JSON.parse(schemaText)).safeParse(file).success).toBe(true);
  });
});
