import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { SqliteRevocationLog } from '../../../src/coherence/sqlite-revocation-log.ts';
import { entriesPerPollMax } from '../../../src/coherence/revocation-log.ts';
import type { PollAnswer } from '../../../src/coherence/revocation-log.ts';
import type { LogPosition } from '../../../src/session/log-entry.ts';
import type { SqliteSessionStore } from '../../../src/session/sqlite-session-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SessionFolder, sqliteStore } from '../../support/session-file.ts';
import { principalNamed, sessionsConfigOf } from '../../support/session-parts.ts';

interface Scene extends AsyncDisposable {
  readonly file: string;
  readonly store: SqliteSessionStore;
  readonly log: SqliteRevocationLog;
  poll(position: LogPosition | null): Promise<PollAnswer>;
}

async function scene(): Promise<Scene> {
  const folder = await SessionFolder.make();
  const store = sqliteStore(folder.file, sessionsConfigOf(), new ManualClock());
  await store.start();
  const log = new SqliteRevocationLog(folder.file);
  let sequence = 0;
  return {
    file: folder.file,
    store,
    log,
    poll: (position) => {
      sequence += 1;
      return log.poll({ worker: 'w', sequence, boundMs: 1_000, position });
    },
    [Symbol.asyncDispose]: async () => {
      log.close();
      await store.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function endOf(answer: PollAnswer): LogPosition {
  if (answer.kind === 'jumped') return answer.end;
  const last = answer.kind === 'followed' ? answer.entries.at(-1) : undefined;
  if (last === undefined) throw new Error('no position');
  return { number: last.number, tag: last.tag };
}

describe('the log of a session file', () => {
  test('brings whoever comes first to its end, and everything after that in order', async () => {
    await using own = await scene();
    await own.store.revoke(['before']);
    const first = await own.poll(null);
    expect(first).toMatchObject({ kind: 'jumped', reason: 'first', end: { number: 1 } });
    await own.store.revoke(['a', 'b']);
    await own.store.revoke(['c']);
    const second = await own.poll(endOf(first));
    expect(second).toMatchObject({
      kind: 'followed',
      isAtEnd: true,
      entries: [
        { number: 2, kind: 'revoked', revoker: 'worker1', ids: ['a', 'b'] },
        { number: 3, ids: ['c'] },
      ],
    });
    expect(await own.poll(endOf(second))).toMatchObject({ entries: [], isAtEnd: true });
  });

  test('is followed from its beginning by whoever came when it was empty', async () => {
    await using own = await scene();
    const empty = await own.poll(null);
    expect(empty).toMatchObject({ kind: 'jumped', end: { number: 0, tag: '' } });
    await own.store.revoke(['a']);
    expect(await own.poll(endOf(empty))).toMatchObject({ entries: [{ ids: ['a'] }] });
  });

  test('has what a revocation has answered with, in the step that ended the session', async () => {
    await using own = await scene();
    const start = endOf(await own.poll(null));
    const session = { key: 'k', principal: principalNamed('user1'), actor: null, since: null };
    await own.store.create(session);
    const answer = await own.store.revokeUser('main', 'user1', null);
    const followed = await own.poll(start);
    expect(answer.kind === 'revoked' && answer.commit?.entries).toEqual(
      followed.kind === 'followed' && followed.entries,
    );
    expect(followed).toMatchObject({ entries: [{ ids: ['k'] }] });
  });

  test('names at most a hundred sessions an entry', async () => {
    await using own = await scene();
    const start = endOf(await own.poll(null));
    const keys = Array.from({ length: 250 }, (_, index) => `k${String(index)}`);
    await own.store.revoke(keys);
    const followed = await own.poll(start);
    const entries = followed.kind === 'followed' ? followed.entries : [];
    expect(entries.map(({ ids }) => ids.length)).toEqual([100, 100, 50]);
    expect(entries.flatMap(({ ids }) => ids)).toEqual(keys);
  });

  test('says when there is more than one answer holds', async () => {
    await using own = await scene();
    const start = endOf(await own.poll(null));
    const one = Array.from({ length: entriesPerPollMax + 1 }, () => own.store.revoke(['k']));
    await Promise.all(one);
    const first = await own.poll(start);
    expect(first).toMatchObject({ kind: 'followed', isAtEnd: false });
    expect(await own.poll(endOf(first))).toMatchObject({ entries: [{}], isAtEnd: true });
  });

  test('tells a worker that it missed something: trimmed, lost, or an old copy', async () => {
    await using own = await scene();
    await own.store.revoke(['a']);
    const old = endOf(await own.poll(null));
    await own.store.revoke(['b']);
    const newer = endOf(await own.poll(null));
    const reasonOf = async (position: LogPosition): Promise<string> => {
      const answer = await own.poll(position);
      return answer.kind === 'jumped' ? answer.reason : answer.kind;
    };
    expect(await reasonOf({ ...newer, tag: '0000000000000000' })).toBe('lost');
    expect(await reasonOf({ ...newer, number: newer.number + 1 })).toBe('lost');
    expect(await reasonOf({ ...newer, number: newer.number + 1_000 })).toBe('behind');
    const other = new DatabaseSync(own.file);
    other.prepare('DELETE FROM log WHERE n = ?').run(old.number);
    other.close();
    expect(await reasonOf(old)).toBe('trimmed');
    expect(await reasonOf({ number: 0, tag: '' })).toBe('trimmed');
    expect(await reasonOf(newer)).toBe('followed');
  });

  test('has one epoch, which has nothing to lose', async () => {
    await using own = await scene();
    const first = await own.poll(null);
    await own.store.stop();
    await own.store.start();
    const second = await own.poll(endOf(first));
    const epochs = [first, second].map((answer) => 'epoch' in answer && answer.epoch);
    expect(epochs[0]).toMatchObject({ ageMs: Infinity, isNew: false });
    expect(epochs[1]).toEqual(epochs[0]);
  });

  test('is unavailable where there is no file, and heals', async () => {
    await using folder = await SessionFolder.make();
    const log = new SqliteRevocationLog(folder.file);
    const poll = (): Promise<PollAnswer> =>
      log.poll({ worker: 'w', sequence: 1, boundMs: 1_000, position: null });
    expect(await poll()).toEqual({ kind: 'unavailable', reason: 'refused' });
    const store = sqliteStore(folder.file, sessionsConfigOf(), new ManualClock());
    await store.start();
    expect(await poll()).toMatchObject({ kind: 'jumped' });
    log.close();
    await store.stop();
  });
});
