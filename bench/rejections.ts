import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { DjangoDirectoryConfig } from '../src/config/django-directory.ts';
import { systemClock } from '../src/lib/clock.ts';
import { Secret } from '../src/lib/secret.ts';
import { silentLog } from '../src/observability/log.ts';
import { hashPassword } from '../src/passwords/hash-password.ts';
import { HashPool } from '../src/passwords/hash-pool.ts';
import type { Database, DatabaseRow } from '../src/users/database.ts';
import { DjangoDirectory } from '../src/users/django-directory.ts';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { median } from './comparison/statistics.ts';

// `npm run bench:rejections`: whether the time of a refusal tells who exists, and whose hash is dear.

const help = `usage: npm run bench:rejections -- [options]

Tries unknown users, disabled users, and wrong passwords of users whose hashes differ in kind and
cost, one after another in turn, and compares the medians of the time until each is rejected.

  --attempts N      of each kind (default 200)
  --iterations N    of PBKDF2, of the dearest hash (default 600000)
  --help            this text
`;

/** Medians may lie this far apart, as a share of the largest. */
const spreadMax = 0.05;

/** One user of each kind, all with the password `right`. */
function usersOf(iterations: number): ReadonlyMap<string, { password: string; isActive: boolean }> {
  const pbkdf2 = (count: number): string => {
    const key = pbkdf2Sync('right', 'abcdefghijkl', count, 32, 'sha256').toString('base64');
    return `pbkdf2_sha256$${count}$abcdefghijkl$${key}`;
  };
  const options = { cost: 16_384, blockSize: 8, parallelization: 1, maxmem: 2 ** 26 };
  const scrypt = scryptSync('right', 'abcdefghijkl', 64, options).toString('base64');
  const argon2 = hashPassword('right', { memoryKib: 19_456, iterations: 2, parallelism: 1 });
  return new Map([
    ['dearest', { password: pbkdf2(iterations), isActive: true }],
    ['a third of it', { password: pbkdf2(Math.ceil(iterations / 3)), isActive: true }],
    ['argon2id', { password: `argon2${argon2}`, isActive: true }],
    ['scrypt', { password: `scrypt$16384$abcdefghijkl$8$1$${scrypt}`, isActive: true }],
    ['hardly any', { password: pbkdf2(1_000), isActive: true }],
    ['unusable', { password: '!', isActive: true }],
    ['disabled', { password: pbkdf2(iterations), isActive: false }],
    ['disabled, cheap', { password: pbkdf2(1_000), isActive: false }],
  ]);
}

function directoryOf(iterations: number, pool: HashPool): DjangoDirectory {
  const users = usersOf(iterations);
  const rowOf = (username: string): DatabaseRow[] => {
    const user = users.get(username);
    return user === undefined
      ? []
      : [{ id: username, username, ...user, is_active: user.isActive }];
  };
  const database: Database = {
    dialect: { quote: (name) => name, parameter: () => '?' },
    query: async (_statement, [name]) =>
      name === undefined ? [...users.keys()].flatMap(rowOf) : rowOf(name),
    close: async () => {},
  };
  return new DjangoDirectory(config, { database, keys: pool, clock: systemClock, log: silentLog });
}

/** Of a directory whose database is a table above. */
const config: DjangoDirectoryConfig = {
  ...{ type: 'django', name: 'bench', engine: 'mysql', database: '', username: '' },
  address: { host: 'localhost', port: 1 },
  password: new Secret(''),
  tls: { mode: 'off', ca: null, serverName: null },
  ...{ connectionsMax: 1, connectTimeoutMs: 1, queryTimeoutMs: 1 },
  tables: {
    ...{ users: 'u', usernameColumn: 'n', groups: 'g', userGroups: 'm', userGroupsColumn: 'c' },
    profile: null,
  },
  roles: { superuser: null, staff: null, profile: [], otherwise: 'nobody' },
  ...{ iterationsMax: 5_000_000, weakHashers: [], refusalIterations: 0 },
};

async function measure(attempts: number, iterations: number): Promise<number> {
  const pool = new HashPool({ threads: 2, queueMax: 8, queueTimeoutMs: 60_000 }, (error) => {
    throw error;
  });
  await pool.start();
  const directory = directoryOf(iterations, pool);
  const kinds = ['nobody', ...usersOf(iterations).keys()];
  const times = new Map(kinds.map((kind): [string, number[]] => [kind, []]));
  const progress = new Progress(attempts);
  for (let attempt = 0; attempt < attempts; attempt++) {
    for (const kind of kinds) {
      const begun = performance.now();
      // Who is disabled comes with the right password: it is the one that must not be told.
      const password = kind.startsWith('disabled') ? 'right' : 'wrong';
      const { kind: verdict } = await directory.authenticate(kind, password);
      times.get(kind)?.push(performance.now() - begun);
      if (verdict !== 'rejected') throw new Error(`${kind} was ${verdict}`);
    }
    progress.step(`attempts of each of ${kinds.length} kinds`);
  }
  progress.end();
  await pool.stop();
  return report(times);
}

function report(times: ReadonlyMap<string, readonly number[]>): number {
  const medians = [...times].map(([kind, samples]) => [kind, median(samples)] as const);
  const numbers = medians.map(([, milliseconds]) => milliseconds);
  const apart = 1 - Math.min(...numbers) / Math.max(...numbers);
  const rows = medians.map(
    ([kind, milliseconds]) => `  ${kind.padEnd(18)} ${milliseconds.toFixed(2).padStart(9)} ms\n`,
  );
  const verdict = apart <= spreadMax ? 'met   ' : 'MISSED';
  const share = (100 * apart).toFixed(1);
  process.stdout.write(`${rows.join('')}\n  ${verdict} medians lie within ${share} % (5 %)\n`);
  return apart <= spreadMax ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      attempts: { type: 'string', default: '200' },
      iterations: { type: 'string', default: '600000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  return await measure(
    wholeNumber('attempts', values.attempts, { least: 1, most: 1_000_000 }),
    wholeNumber('iterations', values.iterations, { least: 10_000, most: 5_000_000 }),
  );
}

process.exitCode = await runCommand(main, help);
