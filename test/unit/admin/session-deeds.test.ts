import { expect, it } from 'vitest';
import { SessionDeeds } from '../../../src/admin/session-deeds.ts';
import type { AuditRecord } from '../../../src/observability/audit-log.ts';
import type { Ending } from '../../../src/session/ending.ts';

function scene(isOut = false) {
  const noted: AuditRecord[] = [];
  const settlement = { members: 1, acknowledged: 1, waitedMs: 0, isReplicated: null };
  const ended = (count: number): Promise<Ending> =>
    Promise.resolve(isOut ? { kind: 'unavailable' } : { kind: 'ended', count, settlement });
  const nothing = { kind: 'listed', sessions: [] } as const;
  const sessions = {
    listOf: () => Promise.resolve(nothing),
    page: () => Promise.resolve(isOut ? ({ kind: 'unavailable' } as const) : nothing),
    endAllOf: () => ended(2),
    endSome: () => ended(1),
    endEverybody: () => ended(7),
  };
  const audit = { note: (record: AuditRecord) => void noted.push(record) };
  return { noted, deeds: new SessionDeeds(sessions, ['demo'], audit) };
}

const nobody = { actor: null, address: null, requestId: null };

it('what operators end is in the audit log, with whose it was and how many', async () => {
  const { deeds, noted } = scene();
  const one = { user: 'user1', directory: null, handles: ['a'] };
  await deeds.perform({ deed: 'revoke', ...one });
  await deeds.perform({ deed: 'list', ...one });
  await deeds.perform({ deed: 'page', skip: 0, count: 10 });
  expect(await deeds.perform({ deed: 'revokeEverybody' })).toEqual({
    kind: 'done',
    value: { revoked: 7 },
  });
  const target = { directory: 'demo', subject: 'user1' };
  const event = 'sessions.ended';
  expect(noted).toEqual([
    { event, target, revoked: 1, reason: 'operator', ...nobody },
    { event, target: null, revoked: 7, reason: 'everybody', ...nobody },
  ]);
});

it('what did not happen is not, and an outage is none of a user', async () => {
  const { deeds, noted } = scene(true);
  for (const order of [
    { deed: 'revokeEverybody' } as const,
    { deed: 'page', skip: 0, count: 1 } as const,
    { deed: 'revoke', user: 'user1', directory: 'demo', handles: null } as const,
  ]) {
    expect(await deeds.perform(order)).toMatchObject({ kind: 'unavailable' });
  }
  expect(noted).toEqual([]);
});
