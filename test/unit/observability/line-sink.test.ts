import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileLineSink } from '../../../src/observability/line-sink.ts';
import { waitFor } from '../../support/wait-for.ts';

const sinkUrl = new URL('../../../src/observability/line-sink.ts', import.meta.url).href;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-sink-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Both ends of a pipe; the writing end does not block, as a pipe that somebody shares with us may not. */
function pipe(): { reader: number; writer: number; path: string } {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK), path };
}

/** All that is in the pipe now. */
function drained(reader: number): string {
  const bytes = Buffer.alloc(1024 * 1024);
  try {
    return bytes.toString('latin1', 0, readSync(reader, bytes));
  } catch {
    return '';
  }
}

/** Until the file holds so much, where the global timers stand still. */
async function untilSize(path: string, bytes: number): Promise<void> {
  while (statSync(path).size < bytes) await pause(1);
}

describe('a line sink', () => {
  it('writes its lines in order, by itself', async () => {
    const path = join(folder, 'log');
    const sink = new FileLineSink(path);
    sink.write('one');
    sink.write('zwölf');
    expect(readFileSync(path, 'utf8')).toBe('');
    await waitFor('the lines', () => readFileSync(path, 'utf8') === 'one\nzwölf\n');
    await sink.stop();
  });

  it('appends to what is there, and gives the file to its owner and group only', async () => {
    const path = join(folder, 'log');
    for (const line of ['one', 'two']) {
      const sink = new FileLineSink(path);
      sink.write(line);
      await sink.stop();
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(path).mode & 0o007).toBe(0);
  });

  it('writes a large batch at once and loses none of it', async () => {
    const path = join(folder, 'log');
    const sink = new FileLineSink(path);
    const line = 'x'.repeat(99);
    for (let index = 0; index < 20_000; index++) sink.write(line);
    await sink.stop();
    expect(statSync(path).size).toBe(2_000_000);
    expect(sink.lostLines).toBe(0);
  });

  describe('while a batch is being written', () => {
    const path = () => join(folder, 'log');
    const batch = 'x'.repeat(60 * 1024 - 1);
    let sink: FileLineSink;
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      sink = new FileLineSink(path());
      sink.write(batch);
      sink.write('meanwhile');
    });
    afterEach(async () => {
      vi.useRealTimers();
      await sink.stop();
    });

    it('lets a few lines wait for their own time: not a call for each', async () => {
      await untilSize(path(), 60 * 1024);
      await pause(50);
      expect(statSync(path()).size).toBe(60 * 1024);
      vi.advanceTimersByTime(100);
      await untilSize(path(), 60 * 1024 + 'meanwhile\n'.length);
    });

    it('lets lines whose time comes meanwhile wait no longer than that', async () => {
      vi.advanceTimersByTime(100);
      await untilSize(path(), 60 * 1024 + 'meanwhile\n'.length);
    });

    it('writes the next full batch behind it', async () => {
      sink.write(batch);
      await untilSize(path(), 120 * 1024 + 'meanwhile\n'.length);
      expect(sink.lostLines).toBe(0);
    });
  });

  it('says at once that a file cannot be opened', () => {
    expect(() => new FileLineSink(join(folder, 'none', 'log'))).toThrow('ENOENT');
  });

  it('waits for a full pipe and goes on when it is read', async () => {
    const { reader, writer } = pipe();
    const sink = new FileLineSink(writer);
    const line = 'x'.repeat(999);
    for (let index = 0; index < 300; index++) sink.write(line);
    let seen = '';
    await waitFor('all lines', () => (seen += drained(reader)).length === 300_000);
    expect(sink.lostLines).toBe(0);
    await sink.stop();
    closeSync(reader);
    closeSync(writer);
  });

  it('loses lines, and counts them, rather than memory when nobody reads', async () => {
    const { reader, writer } = pipe();
    const sink = new FileLineSink(writer);
    const line = 'x'.repeat(9_999);
    for (let index = 0; index < 1_000; index++) sink.write(line);
    expect(sink.lostLines).toBeGreaterThan(400);
    await sink.stop(10);
    closeSync(reader);
    closeSync(writer);
  });

  it('outlives a reader that left', async () => {
    const { reader, writer } = pipe();
    closeSync(reader);
    const sink = new FileLineSink(writer);
    sink.write('one');
    sink.write('two');
    await sink.stop();
    expect(sink.lostLines).toBe(2);
    sink.write('three');
    expect(sink.lostLines).toBe(3);
    closeSync(writer);
  });

  it('tries a full pipe again soon: a reader that is only busy does not hold up a busy gateway', async () => {
    const { reader, writer } = pipe();
    const sink = new FileLineSink(writer);
    const line = 'x'.repeat(999);
    const begun = performance.now();
    let seen = 0;
    for (let index = 0; index < 3_000; index++) sink.write(line);
    while (seen < 3_000_000) {
      await pause(1);
      seen += drained(reader).length;
    }
    // Some 46 pipes full: a tenth of a second for each would be more than four.
    expect(performance.now() - begun).toBeLessThan(2_500);
    expect(sink.lostLines).toBe(0);
    await sink.stop();
    closeSync(reader);
    closeSync(writer);
  });

  it('counts what nobody took until its end', async () => {
    const { reader, writer } = pipe();
    const sink = new FileLineSink(writer);
    const line = 'x'.repeat(399);
    for (let index = 0; index < 500; index++) sink.write(line);
    await sink.stop(50);
    const taken = drained(reader).split('\n').length - 1;
    expect(taken).toBeGreaterThan(100);
    expect(taken + sink.lostLines).toBe(500);
    closeSync(reader);
    closeSync(writer);
  });

  it('says at once that a pipe has no reader', () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    expect(() => new FileLineSink(path)).toThrow('ENXIO');
  });

  describe('in a process of its own', () => {
    /** Runs `deeds` with a `sink` on a path, or on a descriptor that is `stdout` there. */
    const run = (
      target: string | number,
      deeds: string,
      stdout: 'ignore' | number = 'ignore',
    ): { readonly status: number | null } =>
      spawnSync(
        process.execPath,
        [
          '--input-type=module',
          '--eval',
          `import { FileLineSink } from ${JSON.stringify(sinkUrl)};
          const sink = new FileLineSink(${JSON.stringify(target)});
          ${deeds}`,
        ],
        { timeout: 10_000, killSignal: 'SIGKILL', stdio: ['ignore', stdout, 'ignore'] },
      );

    it('says last what waits when an error ends it that nobody caught', () => {
      const path = join(folder, 'log');
      const { status } = run(
        path,
        "sink.write('last'); sink.write('words'); setTimeout(() => { throw new Error('defect'); });",
      );
      expect(status).toBe(1);
      expect(readFileSync(path, 'utf8')).toBe('last\nwords\n');
    });

    it('goes on with the line that was begun', () => {
      const { reader, path } = pipe();
      const { status } = run(
        path,
        `const line = (index) => String(index).padStart(6, '0') + 'x'.repeat(393);
        for (let index = 0; index < 300; index++) sink.write(line(index));
        setTimeout(async () => {
          const { closeSync, openSync, readSync } = await import('node:fs');
          const reader = openSync(${JSON.stringify(path)}, 'r');
          readSync(reader, Buffer.alloc(60_000));
          closeSync(reader);
          throw new Error('defect');
        }, 300);`,
      );
      expect(status).toBe(1);
      const seen = drained(reader);
      const lines = seen.slice(0, seen.lastIndexOf('\n')).split('\n').slice(1);
      expect(lines.length).toBeGreaterThan(100);
      // None is missing, and none is in another one's place.
      const first = Number(lines[0]?.slice(0, 6));
      const whole = lines.map((_, at) => String(first + at).padStart(6, '0') + 'x'.repeat(393));
      expect(lines).toEqual(whole);
      closeSync(reader);
    });

    const standStill = `for (let index = 0; index < 900; index++) sink.write('x'.repeat(399));
      setTimeout(async () => { await sink.stop(100); process.exit(7); }, 200);`;

    it('does not keep it alive for a reader that stands still', () => {
      const { reader, path } = pipe();
      expect(run(path, standStill).status).toBe(7);
      closeSync(reader);
    });

    it('nor for one of a standard output that blocks', () => {
      const { reader, path } = pipe();
      const stdout = openSync(path, constants.O_WRONLY);
      expect(run(1, standStill, stdout).status).toBe(7);
      closeSync(stdout);
      closeSync(reader);
    });
  });
});
