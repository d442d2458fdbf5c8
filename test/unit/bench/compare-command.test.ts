import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { benchResult, rowWith } from '../../support/bench-result.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-compare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

function compare(...args: readonly string[]) {
  const main = join(import.meta.dirname, '../../../bench/compare.ts');
  const { status, stderr, stdout } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
  });
  return { status, stderr, stdout };
}

const before = written('before.json', benchResult);

describe('npm run bench:compare', () => {
  it('ends with 0 where nothing changed, and with 1 where something got worse, which it names', () => {
    expect(compare(before, before)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('nothing changed beyond the noise') as string,
    });
    const slower = rowWith('small-get', ['portcullis', 'Portcullis'], [40, 41, 42]);
    const after = written('after.json', { ...benchResult, rows: [slower] });
    const { status, stdout } = compare(before, after);
    expect(status).toBe(1);
    expect(stdout).toMatch(/worse +small-get +portcullis +CPU µs per request +27\.0 → 41\.0/);
  });

  it('refuses another machine with 2, and says what differs', () => {
    const machine = { ...benchResult.machine, cpu: 'Another' };
    const elsewhere = written('elsewhere.json', { ...benchResult, machine });
    const { status, stderr } = compare(before, elsewhere);
    expect(status).toBe(2);
    expect(stderr).toContain('then Another');
  });

  it('refuses what is no result with 2, and explains itself', () => {
    const other = written('other.json', { rows: 1 });
    expect(compare(before, other)).toMatchObject({ status: 2 });
    expect(compare(before)).toMatchObject({ status: 2 });
    expect(compare('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('three times the median') as string,
    });
  });
});
