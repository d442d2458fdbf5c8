import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newSnapshot, readText, withSnapshot } from '../../../src/config/read.ts';
import { FileWatch } from '../../../src/lifecycle/file-watch.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-watch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function scene(...ignored: readonly string[]) {
  const path = join(folder, 'a');
  writeFileSync(path, 'one');
  const onChange = vi.fn<() => void>();
  const watch = new FileWatch({ intervalMs: 1_000, onChange });
  const know = (): void => {
    const files = newSnapshot();
    withSnapshot(files, () => readText(path));
    watch.know(files, new Set(ignored.map((name) => join(folder, name))));
  };
  know();
  return { know, onChange, path, watch };
}

describe('a watch over files', () => {
  it('tells of a change once, after two looks that found the same', () => {
    const { onChange, path, watch } = scene();
    watch.look();
    writeFileSync(path, 'half of tw');
    watch.look();
    writeFileSync(path, 'two');
    watch.look();
    expect(onChange).not.toHaveBeenCalled();
    watch.look();
    expect(onChange).toHaveBeenCalledTimes(1);
    watch.look();
    watch.look();
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('forgets a change that was taken back, and one that somebody else has read', () => {
    const { know, onChange, path, watch } = scene();
    writeFileSync(path, 'two');
    watch.look();
    writeFileSync(path, 'one');
    watch.look();
    watch.look();
    writeFileSync(path, 'three');
    watch.look();
    know();
    watch.look();
    watch.look();
    expect(onChange).not.toHaveBeenCalled();
  });

  it('sees a file that takes the place of another, and one that is away', () => {
    const { onChange, path, watch } = scene();
    writeFileSync(`${path}.new`, 'two');
    renameSync(`${path}.new`, path);
    watch.look();
    watch.look();
    expect(onChange).toHaveBeenCalledTimes(1);
    rmSync(path);
    watch.look();
    watch.look();
    expect(onChange).toHaveBeenCalledTimes(2);
  });

  it('leaves alone what somebody else looks after', () => {
    const { onChange, path, watch } = scene('a');
    writeFileSync(path, 'two');
    watch.look();
    watch.look();
    expect(onChange).not.toHaveBeenCalled();
  });
});
