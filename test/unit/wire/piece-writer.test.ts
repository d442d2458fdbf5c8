import { PassThrough } from 'node:stream';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PieceWriter } from '../../../src/wire/piece-writer.ts';
import { PIECE_BYTES_MAX } from '../../../src/wire/slab.ts';

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
  return { writer, writes, text };
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
