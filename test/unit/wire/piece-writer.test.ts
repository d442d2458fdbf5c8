import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PieceWriter } from '../../../src/wire/piece-writer.ts';
import { PIECE_BYTES_MAX } from '../../../src/wire/slab.ts';
import { TurnEnd } from '../../../src/wire/turn-end.ts';

/** A writer, and each of its writes as it was made. */
function scene() {
  const writes: Buffer[] = [];
  const socket = Object.assign(new PassThrough(), {
    write: (part: Buffer | string) => {
      writes.push(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
      return true;
    },
  });
  const writer = new PieceWriter(socket as unknown as Socket); // it writes, and nothing else
  const text = (): string => Buffer.concat(writes).toString('latin1');
  return { socket, writer, writes, text };
}

describe('the parts of a message', () => {
  it('go out in one write where they are short, in their order', () => {
    const { text, writer, writes } = scene();
    writer.text('head ');
    writer.piece(Buffer.from('--body--'), 2, 6, false);
    writer.text(' end');
    expect(writes).toHaveLength(0);
    writer.flush();
    writer.flush();
    expect([text(), writes.length]).toEqual(['head body end', 1]);
  });

  it('of one slab are one chunk, and longer ones are as many as they need', () => {
    for (const [length, chunks] of [
      [PIECE_BYTES_MAX, [PIECE_BYTES_MAX]],
      [PIECE_BYTES_MAX + 5, [PIECE_BYTES_MAX, 5]],
      [0, []],
    ] as const) {
      const { text, writer } = scene();
      writer.piece(Buffer.alloc(length, 'x'), 0, length, true);
      writer.flush();
      expect(text()).toBe(
        chunks.map((size) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`).join(''),
      );
    }
  });

  it('are copied from where they are only lent', () => {
    const { text, writer } = scene();
    const lent = Buffer.alloc(20_000, 'x');
    writer.piece(lent, 0, lent.length, false);
    lent.fill('?');
    expect(text()).toBe('x'.repeat(20_000));
  });
});

describe('in a busy turn', () => {
  const usual = TurnEnd.shared;
  beforeEach(() => {
    TurnEnd.shared = new TurnEnd(0);
  });
  afterEach(() => {
    TurnEnd.shared = usual;
  });

  it('all that was flushed leaves in one write at its end', async () => {
    const { text, writer, writes } = scene();
    for (const part of ['one ', 'two ', 'three']) {
      writer.text(part);
      writer.flush();
    }
    expect([writes.length, writer.writes]).toEqual([0, 0]);
    await turn();
    expect([text(), writes.length, writer.writes]).toEqual(['one two three', 1, 1]);
  });

  it('it leaves at once where that is asked for, and not a second time', async () => {
    const { text, writer, writes } = scene();
    writer.text('now');
    writer.flush();
    writer.send();
    expect(text()).toBe('now');
    await turn();
    expect(writes).toHaveLength(1);
  });

  it('it also leaves where so many wait that nobody waits any longer, and so does what comes next', async () => {
    const scenes = Array.from({ length: 32 }, () => scene());
    const last = scenes[31];
    for (const { writer } of scenes) {
      writer.text('first ');
      writer.flush();
    }
    expect(last?.text()).toBe('first ');
    last?.writer.text('second');
    last?.writer.flush();
    await turn();
    expect(last?.text()).toBe('first second');
  });

  it('nothing much waits, and nothing behind what waits in the socket already', () => {
    const { socket, text, writer } = scene();
    writer.text('x'.repeat(8193));
    writer.flush();
    expect(text()).toHaveLength(8193);
    Object.defineProperty(socket, 'writableLength', { value: 1 });
    writer.text('y');
    writer.flush();
    expect(text()).toHaveLength(8194);
  });

  it('a long piece goes behind what waits', async () => {
    const { text, writer } = scene();
    writer.text('head ');
    writer.flush();
    const lent = Buffer.alloc(20_000, 'x');
    writer.piece(lent, 0, lent.length, false);
    writer.flush();
    lent.fill('?');
    await turn();
    expect(text()).toBe(`head ${'x'.repeat(20_000)}`);
  });
});
