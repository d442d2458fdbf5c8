import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditLog, type AuditRecord } from '../../../src/observability/audit-log.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { waitFor } from '../../support/wait-for.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-audit-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const record: AuditRecord = {
  event: 'escalate.accepted',
  actor: { directory: 'users', subject: 'admin' },
  target: { directory: 'users', subject: 'user1' },
  address: '192.0.2.1',
  requestId: 'f00',
};
const log = { lostLines: 0, write: (): void => {} };

function open(path: string, onFailure: 'continue' | 'stop' = 'continue') {
  return createAuditLog({ isEnabled: true, path, onFailure }, log, new ManualClock());
}

const linesOf = async (path: string): Promise<unknown[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown); // JSON.parse knows no types

describe('the audit log', () => {
  it('says who did what to whom, from where and with which request', async () => {
    const path = join(folder, 'whole.log');
    const audit = open(path);
    expect(await audit.admits(record)).toBe(true);
    audit.note({
      ...record,
      event: 'login.rejected',
      actor: null,
      target: null,
      unknownName: 'pw',
    });
    audit.note({
      ...record,
      event: 'login.rejected',
      actor: null,
      target: null,
      unknownName: 'pw',
    });
    await audit.stop();
    const [first, second, third] = await linesOf(path);
    expect(first).toEqual({ time: '2026-01-01T00:00:00.000Z', audit: true, ...record });
    // What was typed may be a password; the same name has the same tag.
    expect(JSON.stringify(second)).not.toContain('pw');
    expect(second).toMatchObject({ nameTag: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(third).toEqual(second);
  });

  it('goes among the lines of the log where no file is named', async () => {
    const lines: string[] = [];
    const audit = createAuditLog(
      { isEnabled: true, path: '-', onFailure: 'continue' },
      { lostLines: 0, write: (line) => void lines.push(line) },
      new ManualClock(),
    );
    audit.note(record);
    expect(await audit.admits({ ...record, event: 'login.accepted' })).toBe(true);
    expect(lines.map((line) => (JSON.parse(line) as AuditRecord).event)).toEqual([
      'escalate.accepted',
      'login.accepted',
    ]);
  });

  it('begins a line of its own behind one that was torn', async () => {
    const path = join(folder, 'torn.log');
    await writeFile(path, '{"audit":true}\n{"audit":tr');
    const audit = open(path);
    audit.note(record);
    audit.note(record);
    await audit.stop();
    const lines = (await readFile(path, 'utf8')).split('\n');
    expect(lines.slice(0, 2)).toEqual(['{"audit":true}', '{"audit":tr']);
    expect(lines.slice(2, 4).map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining(record),
      expect.objectContaining(record),
    ]);
    expect(lines.slice(4)).toEqual(['']);
  });

  it('does not begin without its file', () => {
    expect(() => open(join(folder, 'missing', 'x.log'))).toThrow('ENOENT');
  });

  it.each(['continue', 'stop'] as const)(
    'on a full disk loses lines, and with %s says so, and heals when there is room',
    async (onFailure) => {
      const path = join(folder, `full-${onFailure}.log`);
      await symlink('/dev/full', path);
      const audit = open(path, onFailure);
      expect(await audit.admits(record)).toBe(onFailure === 'continue');
      await waitFor('the failure', () => audit.isFailing);
      expect(await audit.admits(record)).toBe(onFailure === 'continue');
      expect([audit.isRequired, audit.lostLines]).toEqual([onFailure === 'stop', 2]);
      const room = join(folder, `room-${onFailure}.log`);
      await symlink(room, `${path}.new`);
      await rename(`${path}.new`, path);
      await waitFor('the end of it', () => !audit.isFailing);
      expect(await audit.admits(record)).toBe(true);
      await audit.stop();
      expect(await linesOf(room)).toMatchObject([{ event: 'audit.lines_lost', lost: 2 }, record]);
    },
  );
});
