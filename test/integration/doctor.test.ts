import { chmod, readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { DoctorScene, type Found } from '../support/doctor-scene.ts';
import { IdentityProvider, signingKey } from '../support/identity-provider.ts';
import { freePorts } from '../support/free-ports.ts';
import { Process } from '../support/gateway.ts';

const upstream = createServer((socket) => void socket.on('error', () => {}));
let scene: DoctorScene;

beforeAll(async () => {
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  scene = await DoctorScene.start((upstream.address() as AddressInfo).port); // TCP
});

afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  upstream.close();
});

describe('doctor', () => {
  it('finds nothing on a sound system', async () => {
    const { code, findings, sound, states } = await scene.examine();
    expect(findings).toEqual([]);
    expect({ code, sound }).toEqual({ code: 0, sound: true });
    expect(states).toMatchObject({
      redis: 'ok',
      directories: 'ok',
      certificates: 'ok',
      upstreams: 'ok',
    });
  });

  it('finds a certificate that has expired', async () => {
    const { certFile, keyFile } = await scene.certificates.issue({
      names: ['app.example.org'],
      dates: ['20200101000000Z', '20200201000000Z'],
    });
    const { code, findings } = await scene.examine(({ edge }) => {
      edge['tls'] = { certificates: [{ certFile, keyFile }] };
    });
    expect(findings).toEqual([
      expect.stringMatching(/^certificates: listener edge: .*has expired \(2020-02-01\).*→ renew /),
    ]);
    expect(code).toBe(1);
  });

  it('finds the key of another certificate', async () => {
    const [{ certFile }, { keyFile }] = await Promise.all([
      scene.certificates.issue({ names: ['app.example.org'] }),
      scene.certificates.issue(),
    ]);
    const { code, findings } = await scene.examine(({ edge }) => {
      edge['tls'] = { certificates: [{ certFile, keyFile }] };
    });
    expect(findings).toEqual([
      expect.stringMatching(/^configuration: .*holds the key of another certificate → expected /),
    ]);
    expect(code).toBe(2);
  });

  it('finds a certificate for another name', async () => {
    const { findings } = await scene.examine(({ routes }) => {
      routes.push({ path: '/', host: 'shop.example.org', upstream: 'app' });
    });
    expect(findings).toEqual([
      expect.stringMatching(/^certificates: .*no certificate is for shop\.example\.org.*→ add a/),
    ]);
  });

  it('finds a Redis that evicts, and one that forgets when it restarts', async () => {
    const { redis } = scene;
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.command('CONFIG', 'SET', 'appendonly', 'no');
    const { findings } = await scene.examine();
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await redis.command('CONFIG', 'SET', 'appendonly', 'yes');
    expect(findings).toEqual([
      expect.stringMatching(/^redis: .*may evict.*→ CONFIG SET maxmemory-policy noeviction/),
      expect.stringMatching(/^redis: .*append-only file.*→ CONFIG SET appendonly yes/),
    ]);
    expect((await scene.examine()).findings).toEqual([]);
  });

  it('finds the rights that our user of Redis lacks, and names them all', async () => {
    const { redis } = scene;
    await redis.command('ACL', 'SETUSER', 'portcullis', '-xadd', '-zrange', '-wait');
    const { findings } = await scene.examine();
    await redis.command('ACL', 'SETUSER', 'portcullis', 'resetkeys', '~other:*');
    const keys = await scene.examine();
    await redis.command('ACL', 'SETUSER', 'portcullis', '~{gw}:*', '+xadd', '+zrange', '+wait');
    expect(findings).toEqual([
      expect.stringMatching(/→ ACL SETUSER portcullis \+zrange \+xadd \+wait$/),
    ]);
    expect(keys.findings[0]).toMatch(/lacks the rights ~\{gw\}:\*/);
    expect((await scene.examine()).findings).toEqual([]);
  });

  it('finds a wrong password of Redis, and a Redis that is down', async () => {
    await scene.write('redis-password', 'wrong');
    const refused = await scene.examine();
    await scene.write('redis-password', 'redis knows');
    expect(refused.findings).toEqual([
      expect.stringMatching(/^redis: .*user or password are wrong → set sessions\.store/),
    ]);
    const [free = 0] = await freePorts(1);
    const down = await scene.examine(({ redis }) => {
      redis['servers'] = [`127.0.0.1:${String(free)}`];
    });
    expect(down.findings).toEqual([
      expect.stringMatching(/^redis: .*cannot be reached.*ECONNREFUSED.*→ start it/),
    ]);
  });

  it('finds clocks that differ', async () => {
    const now = (): number => systemClock.now() - 60_000;
    const { findings } = await scene.examine(undefined, { clock: { ...systemClock, now } });
    const clocks = findings.filter((one) => one.startsWith('clocks'));
    expect(clocks).toEqual([expect.stringMatching(/is 60\.\d s ahead of.*→ let chrony/)]);
  });

  it('finds LDAP in the clear', async () => {
    // No address of the loopback in the eyes of the configuration, and the same server.
    const { findings } = await scene.examine(({ ldap }) => {
      ldap['urls'] = [`ldap://0.0.0.0:${String(scene.slapd.port)}`];
      ldap['insecureClearText'] = true;
    });
    expect(findings).toEqual([
      expect.stringMatching(/^directories: .*in the clear.*→ use ldaps:\/\/ or startTls/),
    ]);
  });

  it('finds a directory that is away, one of another authority, and a wrong service account', async () => {
    const [free = 0] = await freePorts(1);
    const away = await scene.examine(({ ldap }) => {
      ldap['urls'] = [`ldaps://localhost:${String(free)}`];
    });
    expect(away.findings).toEqual([
      expect.stringMatching(/^directories: .*no connection that could be used.*ECONNREFUSED/),
    ]);
    const { certFile } = await scene.certificates.issue({ isAuthority: true });
    const foreign = await scene.examine(({ ldap }) => {
      ldap['caFile'] = certFile;
    });
    expect(foreign.findings).toEqual([
      expect.stringMatching(/^directories: .*certificate.*→ start it, or correct urls, caFile/),
    ]);
    const wrong = await scene.examine(({ ldap }) => {
      ldap['service'] = { dn: `cn=nobody,dc=example,dc=org`, passwordFile: 'ldap-password' };
    });
    expect(wrong.findings).toEqual([
      expect.stringMatching(/^directories: .*service account finds nobody.*→ correct service\.dn/),
    ]);
  });

  it('finds a provider that gives no keys, and a file of users that is not there', async () => {
    await using provider = await IdentityProvider.start(signingKey('one'));
    const withProvider = (): Promise<Found> =>
      scene.examine(({ directories }) => {
        directories['tokens'] = { type: 'token', issuer: provider.issuer, audiences: ['a'] };
      });
    expect((await withProvider()).findings).toEqual([]);
    provider.mood = 'garbage';
    expect((await withProvider()).findings).toEqual([
      expect.stringMatching(
        /^directories: directory tokens: the keys of .* cannot be read.*→ start/,
      ),
    ]);
    const file = await scene.examine(({ directories }) => {
      directories['file'] = { type: 'sqlite', path: 'users.db' };
    });
    expect(file.findings).toEqual([
      expect.stringMatching(
        /^directories: directory file: cannot be asked.*ENOENT.*→ make .*users add/,
      ),
    ]);
  });

  it('finds secrets that everybody may read, whatever their files are called', async () => {
    const { folder } = scene;
    await chmod(`${folder}/token-key`, 0o644);
    await chmod(`${folder}/redis-password`, 0o604);
    const { findings } = await scene.examine();
    await chmod(`${folder}/token-key`, 0o600);
    await chmod(`${folder}/redis-password`, 0o600);
    expect(findings.toSorted()).toEqual([
      expect.stringMatching(/redis-password: holds a secret, and every user.*→ chmod 600 /),
      expect.stringMatching(/token-key: holds a secret, and every user.*0644.*→ chmod 600 /),
    ]);
    await chmod(`${folder}/token-key`, 0o644);
    await chmod(folder, 0o750);
    expect((await scene.examine()).findings).toEqual([]);
    await chmod(folder, 0o755);
    await chmod(`${folder}/token-key`, 0o600);
    const text = await readFile(`${folder}/token-key`, 'utf8');
    expect(findings.join()).not.toContain(text.trim());
  });

  it('finds published passwords at a public address, and everybody a trusted proxy', async () => {
    const { findings } = await scene.examine(({ edge, users }) => {
      edge['address'] = '0.0.0.0:0';
      edge['trustedProxies'] = ['0.0.0.0/0'];
      edge['limits'] = { connectionsPerAddressMax: 100 };
      users.push({
        username: 'user1',
        password:
          '$argon2id$v=19$m=19456,t=2,p=1$H78rC5SPNv5jCMC1OK5MWg$+E8c82VDCueoCEO+sebZRNVuziYvSefJlvwQ19c0xps',
      });
    });
    expect(findings).toEqual([
      expect.stringMatching(/^configuration: .*published passwords \(user1\).*→ make hashes/),
      expect.stringMatching(/^configuration: .*every address in trustedProxies.*→ name in/),
    ]);
  });

  it('finds an upstream that is not there', async () => {
    const [free = 0] = await freePorts(1);
    const { findings } = await scene.examine((settings) => {
      settings.upstream = `127.0.0.1:${String(free)}`;
    });
    expect(findings).toEqual([
      expect.stringMatching(/^upstreams: upstream app.*takes no connection.*→ start it/),
    ]);
  });

  it('finds an old Node, and one of a line that is soon over', async () => {
    const old = await scene.examine(undefined, { nodeVersion: 'v22.20.0' });
    expect(old.findings).toEqual([expect.stringMatching(/^node: .*older than 24\.7.*→ install/)]);
    const odd = await scene.examine(undefined, { nodeVersion: 'v25.3.0' });
    expect(odd.findings).toEqual([expect.stringMatching(/^node: .*odd number.*→ install/)]);
    expect((await scene.examine(undefined, { nodeVersion: 'v24.7.0' })).code).toBe(0);
  });

  it('finds a low limit on open files in a process that has one', async () => {
    const path = await scene.configure();
    const child = new Process(['doctor', '--config', path], {
      wrapper: ['prlimit', '--nofile=256:256'],
    });
    const { code } = await child.exit;
    expect(code).toBe(1);
    expect(child.stdout).toMatch(/file limit +1 !! +256 open files/);
    expect(child.stdout).toMatch(/→ raise the hard limit to 4096 or more: LimitNOFILE=/);
    expect(child.stdout).toMatch(/\n1 finding\.\n$/);
  });
});
