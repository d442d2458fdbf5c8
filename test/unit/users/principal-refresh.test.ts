import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../src/identity/principal.ts';
import { markedPrincipal } from '../../../src/users/marked-principal.ts';
import { PrincipalRefresh } from '../../../src/users/principal-refresh.ts';
import type { RefreshedSessions } from '../../../src/users/principal-refresh.ts';
import type { Standing } from '../../../src/users/standing.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const plain = (subject: string, change: Partial<Principal> = {}): Principal => ({
  ...{ subject, directory: 'users', role: 'clerk', groups: ['a', 'b'], attributes: {} },
  ...change,
});
const anna = markedPrincipal(plain('anna'), 'mark 1');
const stands = (principal: Principal, passwordMark: string | null = 'mark 1'): Standing => ({
  kind: 'accepted',
  principal,
  passwordMark,
});

/** Sessions in one process: those in its cache, and others that only the store has. */
class Table implements RefreshedSessions {
  isOut = false;
  readonly sessions = new Map<string, Principal>();
  readonly uncached = new Set<string>();

  readonly cached = {
    parts: 2,
    principalsIn: (part: number): Principal[] =>
      part === 1
        ? []
        : [...this.sessions].flatMap(([handle, one]) => (this.uncached.has(handle) ? [] : [one])),
  };

  async listOf(directory: string, subject: string) {
    if (this.isOut) return { kind: 'unavailable' } as const;
    const sessions = this.#of(directory, subject).map(([handle, principal]) => ({
      handle,
      principal,
    }));
    return { kind: 'listed', sessions } as const;
  }

  async endSome(directory: string, subject: string, isMeant: (handle: string) => boolean) {
    if (this.isOut) return { kind: 'unavailable' } as const;
    const ended = this.#of(directory, subject).filter(([handle]) => isMeant(handle));
    for (const [handle] of ended) this.sessions.delete(handle);
    return { kind: 'ended', count: ended.length } as const;
  }

  endAllOf(directory: string, subject: string) {
    return this.endSome(directory, subject, () => true);
  }

  #of(directory: string, subject: string): [string, Principal][] {
    return [...this.sessions].filter(
      ([, one]) => one.directory === directory && one.subject === subject,
    );
  }
}

function made(standing: (subject: string) => Standing | null) {
  const table = new Table();
  const lost: string[] = [];
  const asked: string[] = [];
  const refresh = new PrincipalRefresh({
    intervalMs: 60_000,
    clock: new ManualClock(),
    sessions: table,
    standing: async (directory, subject) => {
      asked.push(`${directory}/${subject}`);
      return standing(subject);
    },
    onLost: ({ subject }, reason, revoked) => lost.push(`${subject} ${reason} ${String(revoked)}`),
    onFault: () => {},
  });
  return { table, lost, asked, refresh, round: () => refresh.step(60_000) };
}

describe('somebody who is logged in', () => {
  it('keeps the sessions while nothing has changed, and is asked about once for all of them', async () => {
    const { asked, lost, refresh, round, table } = made(() => stands(plain('anna')));
    table.sessions.set('1', anna).set('2', anna).set('3', plain('anna'));
    await round();
    expect([asked, lost, table.sessions.size]).toEqual([['users/anna'], [], 3]);
    expect(refresh.counts).toEqual({ kept: 1, ended: 0, unavailable: 0 });
  });

  it('loses all sessions when deleted or disabled, also those that another worker serves', async () => {
    const { lost, round, table } = made((subject) =>
      subject === 'anna' ? { kind: 'rejected' } : stands(plain(subject)),
    );
    table.sessions.set('1', anna).set('2', anna).set('3', plain('berta'));
    table.uncached.add('2');
    await round();
    expect([lost, [...table.sessions.keys()]]).toEqual([['anna gone 2'], ['3']]);
  });

  it('loses the sessions from before another password, and keeps those from after it', async () => {
    const { lost, round, table } = made(() => stands(plain('anna'), 'mark 2'));
    table.sessions.set('old', anna).set('new', markedPrincipal(plain('anna'), 'mark 2'));
    table.sessions.set('without a password', plain('anna'));
    await round();
    expect(lost).toEqual(['anna changed 1']);
    expect([...table.sessions.keys()]).toEqual(['new', 'without a password']);
  });

  it('loses them with another role or a group less, and not with a group more', async () => {
    for (const [principal, remaining] of [
      [plain('anna', { role: 'staffuser' }), 0],
      [plain('anna', { groups: ['a'] }), 0],
      [plain('anna', { groups: ['a', 'b', 'c'] }), 1],
    ] as const) {
      const { round, table } = made(() => stands(principal, null));
      table.sessions.set('1', anna);
      await round();
      expect(table.sessions.size).toBe(remaining);
    }
  });

  it('loses none while the directory does not answer, or says nothing about anybody', async () => {
    for (const standing of [{ kind: 'unavailable' } as const, null]) {
      const { lost, refresh, round, table } = made(() => standing);
      table.sessions.set('1', anna);
      await round();
      expect([lost, table.sessions.size]).toEqual([[], 1]);
      expect(refresh.counts.unavailable).toBe(standing === null ? 0 : 1);
    }
  });

  it('is looked at again where the store did not answer', async () => {
    const { lost, refresh, round, table } = made(() => ({ kind: 'rejected' }));
    table.sessions.set('1', anna);
    table.isOut = true;
    await round();
    expect([lost, refresh.counts.unavailable]).toEqual([[], 1]);
    table.isOut = false;
    await round();
    expect(lost).toEqual(['anna gone 1']);
  });

  it('is asked about in small steps that go round', async () => {
    const { asked, refresh, table } = made(() => stands(plain('anna')));
    table.sessions.set('1', anna);
    for (let step = 0; step < 4; step += 1) await refresh.step(30_000);
    expect(asked).toHaveLength(2);
    expect(refresh.lastRoundMs).toBe(0);
  });
});
