import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { randomBytes } from 'node:crypto';
import { runDoctor } from '../../src/commands/doctor.ts';
import { CertificateFolder } from './certificates.ts';
import { people, treeLdif } from './ldap-tree.ts';
import { RedisServer } from './redis-server.ts';
import { serviceDn, servicePassword, Slapd } from './slapd.ts';

export interface Found {
  readonly code: number;
  readonly sound: boolean;
  /** Each as `check: subject: fault → remedy`. */
  readonly findings: readonly string[];
  readonly states: Readonly<Record<string, string>>;
}

type Facts = Parameters<typeof runDoctor>[2];

interface Settings {
  redis: Record<string, unknown>;
  ldap: Record<string, unknown>;
  edge: Record<string, unknown>;
  routes: unknown[];
  users: unknown[];
  upstream: string;
  /** Beside the others. */
  directories: Record<string, unknown>;
}

const redisPassword = 'redis knows';

/** A sound gateway's surroundings, real ones: Redis, slapd, certificates, files. Tests break one thing each. */
export class DoctorScene implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly slapd: Slapd;
  readonly certificates: CertificateFolder;
  readonly folder: string;
  readonly #sound: Settings;

  private constructor(
    redis: RedisServer,
    slapd: Slapd,
    certificates: CertificateFolder,
    folder: string,
    sound: Settings,
  ) {
    this.redis = redis;
    this.slapd = slapd;
    this.certificates = certificates;
    this.folder = folder;
    this.#sound = sound;
  }

  static async start(upstreamPort: number): Promise<DoctorScene> {
    const [redis, slapd, certificates, folder] = await Promise.all([
      RedisServer.start({ args: ['--appendonly', 'yes'] }),
      Slapd.start(treeLdif),
      CertificateFolder.make(),
      mkdtemp(join(tmpdir(), 'portcullis-doctor-')),
    ]);
    // Others get as far as the files in it.
    await chmod(folder, 0o755);
    const rights =
      '~{gw}:* &{gw}:* -@all +eval +evalsha +time +get +set +del +unlink +exists +pexpire +pexpireat +pttl +hget +hset +hmget +hgetall +hdel +hexists +hlen +hincrby +zadd +zcard +zcount +zrange +zrevrange +zrem +zscore +zremrangebyscore +xadd +xrange +xrevrange +spublish +ssubscribe +info +wait +select +ping';
    await redis.command(
      'ACL',
      'SETUSER',
      'portcullis',
      'on',
      `>${redisPassword}`,
      ...rights.split(' '),
    );
    const { certFile, keyFile } = await certificates.issue({ names: ['app.example.org'] });
    const scene = new DoctorScene(redis, slapd, certificates, folder, {
      redis: {
        type: 'redis',
        servers: [redis.address],
        username: 'portcullis',
        passwordFile: 'redis-password',
      },
      ldap: {
        urls: [`ldaps://localhost:${String(slapd.tlsPort)}`],
        caFile: slapd.certificates.caFile,
        userBase: people,
        service: { dn: serviceDn, passwordFile: 'ldap-password' },
      },
      edge: { address: '127.0.0.1:0', tls: { certificates: [{ certFile, keyFile }] } },
      routes: [
        { exactPath: '/auth/login', endpoint: 'loginPage' },
        { path: '/', host: 'app.example.org', upstream: 'app' },
      ],
      users: [],
      upstream: `127.0.0.1:${String(upstreamPort)}`,
      directories: {},
    });
    await scene.write('redis-password', `${redisPassword}\n`);
    await scene.write('ldap-password', `${servicePassword}\n`);
    await scene.write('token-key', `${randomBytes(48).toString('base64')}\n`);
    return scene;
  }

  async write(name: string, text: string, mode = 0o600): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  }

  /** Runs `doctor --json` over the sound configuration with these changes. */
  async examine(
    change: (settings: Settings) => void = () => {},
    facts: Facts = {},
    args: readonly string[] = [],
  ): Promise<Found> {
    const path = await this.configure(change);
    let out = '';
    let err = '';
    const io = {
      out: (text: string) => void (out += text),
      err: (text: string) => void (err += text),
    };
    const enough = { descriptorLimit: 65_536, ...facts };
    const code = await runDoctor(['--config', path, '--json', ...args], io, enough);
    const { checks, sound } = JSON.parse(out || `{"err":${JSON.stringify(err)}}`) as Report; // our own output
    return {
      code,
      sound,
      states: Object.fromEntries(checks.map(({ check, state }) => [check, state])),
      findings: checks.flatMap(({ check, findings }) =>
        findings.map(({ fault, remedy, subject }) => `${check}: ${subject}: ${fault} → ${remedy}`),
      ),
    };
  }

  async configure(change: (settings: Settings) => void = () => {}): Promise<string> {
    const settings = structuredClone(this.#sound);
    change(settings);
    const yaml = {
      listeners: { edge: { ...settings.edge, routes: settings.routes } },
      upstreams: { app: { servers: [settings.upstream] } },
      directories: {
        staff: { type: 'ldap', ...settings.ldap },
        ...settings.directories,
        ...(settings.users.length > 0 && { own: { type: 'static', users: settings.users } }),
      },
      sessions: { store: settings.redis },
      tokens: { keys: [{ id: 'key1', secretFile: 'token-key' }] },
    };
    return await this.write('portcullis.yaml', stringify(yaml));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      this.redis[Symbol.asyncDispose](),
      this.slapd[Symbol.asyncDispose](),
      this.certificates[Symbol.asyncDispose](),
      rm(this.folder, { recursive: true, force: true }),
    ]);
  }
}

interface Report {
  readonly sound: boolean;
  readonly checks: readonly {
    readonly check: string;
    readonly state: string;
    readonly findings: readonly {
      readonly subject: string;
      readonly fault: string;
      readonly remedy: string;
    }[];
  }[];
}
