import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { oneOf, optionBlock, text, wholeNumber } from './kinds.ts';
import type { Part } from './read-options.ts';
import { readOptions, requireOption } from './read-options.ts';
import { readRedisStore, redisOptions, type RedisStoreConfig } from './redis-store.ts';

/** Where sessions are remembered. */
export type SessionStoreConfig = MemoryStoreConfig | SqliteStoreConfig | RedisStoreConfig;

/** In this process: sessions end with it. */
export interface MemoryStoreConfig {
  readonly type: 'memory';
  readonly sessionsMax: number;
}

/** In a file of this machine. */
export interface SqliteStoreConfig {
  readonly type: 'sqlite';
  /** Absolute. */
  readonly path: string;
  readonly sessionsMax: number;
}

/** Redis has limits of its own. */
export function sessionsMaxOf(store: SessionStoreConfig): number {
  return store.type === 'redis' ? Infinity : store.sessionsMax;
}

function sessionsMax(reason: string) {
  return wholeNumber({ min: 1, max: 10_000_000 })
    .default(1_000_000)
    .describe(
      'How many sessions are kept at once, 1 to 10000000; when so many are alive, logins are ' +
        `answered 503. Default 1000000: a bound, so that logins cannot use up ${reason}.`,
    );
}

const memoryOptions = optionBlock({
  type: oneOf(['memory'])
    .default('memory')
    .describe('`memory`: in this process. Sessions end with it.'),
  sessionsMax: sessionsMax('the memory'),
}).describe('In the memory of this process (the default).');

const sqliteOptions = optionBlock({
  type: oneOf(['sqlite']).describe(
    '`sqlite`: in a file of this machine. Sessions survive a restart and a crash, and what was ' +
      'ended stays ended through a power cut. Needs `tokens.keys`.',
  ),
  path: text(/^[^\0]+$/, 'the path of a file').describe(
    'The file, relative to the folder of this configuration; it is made, with rights for its ' +
      'owner only, in a folder that must exist. On a local disk, since it is shared memory for ' +
      'its processes. Others lie beside it (`-wal`, `-shm`, `-owner`). One gateway at a time. An ' +
      'old copy put in its place brings back what has ended since.',
  ),
  sessionsMax: sessionsMax('the disk'),
}).describe('In an SQLite file.');

export const sessionStoreOptions = z
  .discriminatedUnion('type', [memoryOptions, sqliteOptions, redisOptions])
  .describe('Where sessions are remembered.');

/** What decides how the rest is read. */
const kindOptions = z.looseObject({ type: oneOf(['memory', 'sqlite', 'redis']).default('memory') });

export function readSessionStore(part: Part, configPath: string): SessionStoreConfig | undefined {
  const kind = readOptions(kindOptions, part);
  switch (kind?.value.type) {
    case undefined:
      return undefined;
    case 'memory':
      return readOptions(memoryOptions, part)?.value;
    case 'sqlite':
      return readSqliteStore(part, configPath);
    case 'redis':
      return readRedisStore(part, configPath);
  }
}

function readSqliteStore(part: Part, configPath: string): SqliteStoreConfig | undefined {
  const options = readOptions(sqliteOptions.partial({ path: true }), part);
  requireOption(part, 'path', 'the path of a file');
  if (options?.value.path === undefined) return undefined;
  const { path, ...rest } = options.value;
  return { ...rest, path: resolve(dirname(configPath), path) };
}
