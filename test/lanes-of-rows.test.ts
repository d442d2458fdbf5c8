import { readdirSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { describe, expect, it } from 'vitest';
import { suitesOf } from './support/lane-suites.ts';
import { rowLanes } from './support/row-lanes.ts';

const files = readdirSync(join(import.meta.dirname, 'security'));

function filesOf(row: number): string[] {
  const prefix = `p${String(row).padStart(2, '0')}-`;
  return files.filter((name) => name.startsWith(prefix));
}

const table = rowLanes.flatMap(({ rows, lanes, why }) =>
  rows.split(' ').map((row) => ({ row: Number(row), lanes, why })),
);

describe('the rows of the threat catalogue', () => {
  it('are all in the table, once', () => {
    const wanted = [
      ...Array.from({ length: 29 }, (_, at) => at + 1),
      ...Array.from({ length: 12 }, (_, at) => at + 58),
    ];
    expect(table.map(({ row }) => row).toSorted((one, other) => one - other)).toEqual(wanted);
  });

  it.each(table)('P$row has a test, which runs over its lanes', ({ row, lanes, why }) => {
    const own = filesOf(row);
    expect(own, 'files of the row').not.toEqual([]);
    const found = (['clear', 'tls', 'http2'] as const).filter(
      (lane) =>
        lane === 'clear' ||
        own.some((name) =>
          suitesOf[lane].some((suite) => matchesGlob(`test/security/${name}`, suite)),
        ),
    );
    expect(found).toEqual(lanes);
    expect(why === null).toBe(lanes.length === 3);
  });
});
