import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import type { SqliteSessionStore } from '../../../src/session/sqlite-session-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SessionFolder, WriterHere, sqliteStore } from '../../support/session-file.ts';
import { principalNamed, sessionsConfigOf } from '../../support/session-parts.ts';

function storeOf(folder: SessionFolder, clock = new ManualClock()): SqliteSessionStore {
  return sqliteStore(folder.file, sessionsConfigOf(), clock);
}

async function login(store: SqliteSessionStore, key: string, subject = 'user1'): Promise<string> {
  const principal = { ...principalNamed(subject), groups: ['top-secret-group'] };
  return (await store.create({ key, principal, actor: null, since: null })).kind;
}

async function stateOf(store: SqliteSessionStore, key: string): Promise<string> {
  const answer = await store.read(key);
  return answer.kind === 'none' ? answer.reason : answer.kind;
}

/** What the start says of the file. */
async function faultOf(folder: SessionFolder): Promise<string> {
  const store = storeOf(folder);
  try {
    await store.start();
    return 'no fault';
  } catch (error) {
    return String(error);
  } finally {
    await store.stop();
  }
}

/** A file with one session in it, closed. */
async function written(): Promise<SessionFolder> {
  const folder = await SessionFolder.make();
  const store = storeOf(folder);
  await store.start();
  await login(store, 'k');
  await store.stop();
  return folder;
}

describe('a session file', () => {
  test('keeps sessions, tombstones and the order of revocations over a restart', async () => {
    await using folder = await SessionFolder.make();
    const clock = new ManualClock();
    const before = storeOf(folder, clock);
    await before.start();
    await login(before, 'live');
    await login(before, 'ended');
    const since = await before.revocationNumber();
    await before.revoke(['ended']);
    await before.revokeUser('main', 'user2', null);
    await before.stop();
    const after = storeOf(folder, clock);
    await after.start();
    expect(await stateOf(after, 'live')).toBe('live');
    expect(await stateOf(after, 'ended')).toBe('revoked');
    const late = { key: 'late', principal: principalNamed('user2'), actor: null };
    const number = since.kind === 'number' ? since.number : NaN;
    expect(await after.create({ ...late, since: number })).toMatchObject({ reason: 'overtaken' });
    await after.stop();
  });

  test('is for its owner only, with everything beside it', async () => {
    await using folder = await SessionFolder.make();
    writeFileSync(folder.file, '');
    chmodSync(folder.file, 0o644);
    const store = storeOf(folder);
    await store.start();
    await login(store, 'k');
    const files = readdirSync(folder.path);
    expect(files.toSorted()).toEqual([
      'sessions.db',
      'sessions.db-owner',
      'sessions.db-shm',
      'sessions.db-wal',
    ]);
    const modes = files.map((name) => statSync(join(folder.path, name)).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
    await store.stop();
  });

  test('shows no name, no group and no session to whoever reads it', async () => {
    await using folder = await SessionFolder.make();
    const store = storeOf(folder);
    await store.start();
    await login(store, 'k', 'alice-the-first');
    await store.revokeUser('main', 'alice-the-first', null);
    await login(store, 'k2', 'alice-the-first');
    const files = readdirSync(folder.path).map((name) => readFile(join(folder.path, name)));
    const bytes = Buffer.concat(await Promise.all(files));
    expect(bytes.indexOf('CREATE TABLE sessions')).toBeGreaterThan(0);
    expect(bytes.indexOf('alice')).toBe(-1);
    expect(bytes.indexOf('top-secret-group')).toBe(-1);
    await store.stop();
  });

  test('gives nobody the record of somebody else who was written over it', async () => {
    await using folder = await SessionFolder.make();
    const store = storeOf(folder);
    await store.start();
    await login(store, 'mine', 'user1');
    await login(store, 'theirs', 'admin');
    const thief = new DatabaseSync(folder.file);
    thief.exec(`UPDATE sessions SET sealed = (SELECT sealed FROM sessions WHERE key = 'theirs')
      WHERE key = 'mine'`);
    thief.close();
    expect(await stateOf(store, 'mine')).toBe('unknown');
    expect(await store.listOf('main', 'user1')).toEqual({ kind: 'listed', sessions: [] });
    await store.stop();
  });

  test('has one writer at a time', async () => {
    await using folder = await SessionFolder.make();
    const store = storeOf(folder);
    await store.start();
    expect(await faultOf(folder)).toContain('is in use by another gateway');
    expect(await login(store, 'k')).toBe('created');
    await store.stop();
    expect(await faultOf(folder)).toBe('no fault');
  });

  test('that somebody holds locked refuses writes with a reason, reads on, and heals', async () => {
    await using folder = await SessionFolder.make();
    const store = storeOf(folder);
    await store.start();
    await login(store, 'k');
    const other = new DatabaseSync(folder.file);
    other.exec('BEGIN IMMEDIATE');
    await expect(login(store, 'k2')).rejects.toThrow('is locked by another process');
    expect(await stateOf(store, 'k')).toBe('live');
    other.exec('ROLLBACK');
    expect(await login(store, 'k2')).toBe('created');
    other.close();
    await store.stop();
  });

  test('never lets a reader wait for a writer that is in the middle of something', async () => {
    await using folder = await written();
    const store = storeOf(folder);
    await store.start();
    // From a thread, because what waited here would keep the lock from being released.
    const holder = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
      const { DatabaseSync } = require('node:sqlite');
      const file = new DatabaseSync(workerData);
      file.exec("BEGIN EXCLUSIVE; DELETE FROM sessions");
      parentPort.postMessage('held');
      parentPort.once('message', () => { file.exec('ROLLBACK'); file.close(); });`,
      { eval: true, workerData: folder.file },
    );
    await new Promise((resolve) => holder.once('message', resolve));
    expect(await stateOf(store, 'k')).toBe('live');
    expect(await store.listOf('main', 'user1')).toMatchObject({ sessions: [{ key: 'k' }] });
    const ended = new Promise((resolve) => holder.once('exit', resolve));
    holder.postMessage('go');
    await ended;
    await store.stop();
  });

  test('that is none of ours, or of another version, is left alone', async () => {
    await using folder = await SessionFolder.make();
    const theirs = new DatabaseSync(folder.file);
    theirs.exec('CREATE TABLE theirs (a)');
    theirs.close();
    expect(await faultOf(folder)).toContain('was not made by Portcullis');
    await using newer = await written();
    const changed = new DatabaseSync(newer.file);
    changed.exec('PRAGMA user_version = 2');
    changed.close();
    expect(await faultOf(newer)).toContain('is of version 2, and this Portcullis knows 1');
  });

  test('that is no database, or a damaged one, is named with a remedy', async () => {
    await using folder = await SessionFolder.make();
    await writeFile(folder.file, 'something else altogether '.repeat(100));
    expect(await faultOf(folder)).toMatch(/is no SQLite file: put a copy in its place/);
    await using damaged = await written();
    const bytes = await readFile(damaged.file);
    bytes.fill(0xa5, 4096);
    await writeFile(damaged.file, bytes);
    expect(await faultOf(damaged)).toMatch(/is damaged.*: put a copy in its place, or remove it/);
  });

  test('that cannot be there is named with the reason', async () => {
    await using folder = await SessionFolder.make();
    const missing = sqliteStore(
      join(folder.path, 'nowhere', 'sessions.db'),
      sessionsConfigOf(),
      new ManualClock(),
    );
    await expect(missing.start()).rejects.toThrow('its folder does not exist');
    mkdirSync(folder.file);
    expect(await faultOf(folder)).toContain('is a folder');
  });

  test('on a full disk refuses what is new and keeps what there is', async () => {
    await using folder = await written();
    const writes = new WriterHere(folder.file, (database) => {
      const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
      database.exec(`PRAGMA max_page_count = ${String(pages + 1)}`);
    });
    const store = sqliteStore(folder.file, sessionsConfigOf(), new ManualClock(), writes);
    await store.start();
    const logins = async (): Promise<number> => {
      for (let count = 0; ; count += 1) {
        if ((await login(store, `k${String(count)}`, `user${String(count)}`)) !== 'created') {
          return count;
        }
      }
    };
    await expect(logins()).rejects.toThrow('cannot grow: the disk is full');
    expect(await stateOf(store, 'k')).toBe('live');
    expect(await stateOf(store, 'k0')).toBe('live');
    await store.stop();
    expect(await faultOf(folder)).toBe('no fault');
  });

  test('is swept of what has expired, in slices', async () => {
    await using folder = await SessionFolder.make();
    const clock = new ManualClock();
    const config = sessionsConfigOf({ sessionsPerUserMax: 100_000 });
    const store = sqliteStore(folder.file, config, clock);
    await store.start();
    const keys = Array.from({ length: 6_000 }, (_, index) => `k${String(index)}`);
    // Not all at once: what waits for the writer for two seconds is not waited for any more.
    for (let start = 0; start < keys.length; start += 250) {
      const some = keys.slice(start, start + 250);
      await Promise.all(some.map((key) => login(store, key, `user of ${key}`)));
    }
    await store.revoke(keys.slice(0, 10));
    clock.advance(config.absoluteTimeoutMs);
    await login(store, 'late');
    expect(await store.sweep()).toEqual({ kind: 'counted', count: 5_990 });
    expect(await store.count()).toEqual({ kind: 'counted', count: 1 });
    expect(await stateOf(store, 'k0')).toBe('unknown');
    expect(await stateOf(store, 'late')).toBe('live');
    await store.stop();
  });
});
