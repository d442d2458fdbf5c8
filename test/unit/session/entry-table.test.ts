import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CachedSession } from '../../../src/session/cached-session.ts';
import { EntryTable, entryTableSegments } from '../../../src/session/entry-table.ts';
import { createSessionId, sessionKeyOf } from '../../../src/session/session.ts';
import { principalNamed } from '../../support/session-parts.ts';

function entryWith(token: string): CachedSession {
  const id = createSessionId();
  const entry = new CachedSession(id, {
    key: sessionKeyOf(id),
    principal: principalNamed('user1'),
    actor: null,
    createdAtMs: 0,
    absoluteDeadlineMs: 1,
    lastSeenAtMs: 0,
    version: 1,
  });
  entry.addToken(token);
  return entry;
}

describe('the entry table', () => {
  test('does what a map does, also with names that crowd one segment', () => {
    // Two characters only, so that hashes collide, segments fill and gaps close over one another.
    const names = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 7, maxLength: 9 });
    const steps = fc.array(fc.tuple(fc.boolean(), names), { maxLength: 400, size: 'max' });
    fc.assert(
      fc.property(steps, (list) => {
        const table = new EntryTable();
        const model = new Map<string, CachedSession>();
        for (const [isAdding, name] of list) {
          const known = model.get(name);
          if (isAdding && known === undefined) {
            const entry = entryWith(name);
            table.add(name, entry);
            model.set(name, entry);
          } else if (!isAdding && known !== undefined) {
            table.delete(name, known);
            model.delete(name);
          }
        }
        expect(table.size).toBe(model.size);
        for (const [, name] of list) expect(table.findByToken(name)).toBe(model.get(name));
      }),
      { numRuns: 300 },
    );
  });

  test('finds sessions by their keys', () => {
    const table = new EntryTable();
    const entries = Array.from({ length: 2_000 }, () => entryWith('token'));
    for (const entry of entries) table.add(entry.key, entry);
    for (const entry of entries) expect(table.findByKey(entry.key)).toBe(entry);
    expect(table.findByKey(sessionKeyOf(createSessionId()))).toBeUndefined();
  });

  test('finds nothing for a stranger’s string of any length', () => {
    const table = new EntryTable();
    table.add('genuine-token', entryWith('genuine-token'));
    for (const text of ['', 'x', 'genuine', 'Xenuine-token', 'genuine-token ', 'é'.repeat(13)]) {
      expect(table.findByToken(text)).toBeUndefined();
      expect(table.findByKey(text)).toBeUndefined();
    }
  });

  test('shows every entry once, segment by segment', () => {
    const table = new EntryTable();
    const entries = new Set(Array.from({ length: 1_000 }, () => entryWith('token')));
    for (const entry of entries) table.add(entry.key, entry);
    const walked: CachedSession[] = [];
    for (let segment = 0; segment < entryTableSegments; segment += 1) {
      for (const entry of table.entriesOf(segment)) if (entry !== undefined) walked.push(entry);
    }
    expect(walked).toHaveLength(entries.size);
    expect(new Set(walked)).toEqual(entries);
  });

  test('ignores the removal of what is not there', () => {
    const table = new EntryTable();
    const entry = entryWith('some-token');
    table.add('some-token', entry);
    table.delete('some-token', entryWith('some-token'));
    table.delete('other-ticket', entry);
    expect(table.size).toBe(1);
    expect(table.findByToken('some-token')).toBe(entry);
  });
});
