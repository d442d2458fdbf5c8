import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineBatch } from '../../../src/observability/line-batch.ts';

function all(batch: LineBatch, isGivenBack: boolean): string {
  let text = '';
  for (let bytes = batch.take(); bytes !== null; bytes = batch.take()) {
    text += bytes.toString('utf8');
    expect(bytes.at(-1)).toBe(10);
    if (isGivenBack) batch.giveBack(bytes);
  }
  return text;
}

describe('lines that wait', () => {
  it('come out as they went in, whatever they hold and however long they are', () => {
    const line = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 0, max: 90_000 }).map((length) => 'ü'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(fc.array(line), { maxLength: 4 }), fc.boolean(), (rounds, isGiven) => {
        const batch = new LineBatch();
        for (const lines of rounds) {
          for (const each of lines) batch.add(each);
          const text = lines.map((each) => `${each}\n`).join('');
          expect(batch.bytes).toBe(Buffer.byteLength(text));
          expect(all(batch, isGiven)).toBe(text);
          expect(batch.bytes).toBe(0);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('go into what was written before, and never into what is not given back', () => {
    const batch = new LineBatch();
    batch.add('one');
    const first = batch.take();
    batch.add('two');
    const second = batch.take();
    expect(second?.buffer).not.toBe(first?.buffer);
    if (second !== null) batch.giveBack(second.subarray(2));
    batch.add('three');
    expect(batch.take()?.buffer).toBe(second?.buffer);
    expect(String(first)).toBe('one\n');
  });

  it('takes nothing for its own that it did not give away', () => {
    const batch = new LineBatch();
    batch.add('one');
    batch.take();
    const foreign = Buffer.allocUnsafeSlow(64 * 1024);
    batch.giveBack(foreign);
    batch.add('two');
    expect(batch.take()?.buffer).not.toBe(foreign.buffer);
  });
});
