import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readHiddenLines } from '../../../src/commands/hidden-lines.ts';
import { within } from '../../support/wait-for.ts';

/** A terminal's input that remembers its modes. */
class Terminal extends PassThrough {
  readonly modes: boolean[] = [];

  setRawMode(isRaw: boolean): this {
    this.modes.push(isRaw);
    return this;
  }
}

async function enter(pieces: readonly (string | Buffer)[], prompts = ['one: ', 'two: ']) {
  const terminal = new Terminal();
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const asked = readHiddenLines(terminal, say, prompts);
  for (const piece of pieces) terminal.write(piece);
  const result = await within('the lines', asked);
  expect(terminal.modes).toEqual([true, false]);
  expect(terminal.isPaused()).toBe(true);
  expect(terminal.listenerCount('data')).toBe(0);
  return { result, said };
}

describe('lines read without echo', () => {
  test('come one per prompt, and nothing of them is shown', async () => {
    const { result, said } = await enter(['first\r', 'second\r']);
    expect(result).toEqual({ kind: 'entered', lines: ['first', 'second'] });
    expect(said).toBe('one: \ntwo: \n');
  });

  test('are not lost when they come in one piece or in many', async () => {
    const whole = await enter(['first\rsecond\rthird\r']);
    expect(whole.result).toEqual({ kind: 'entered', lines: ['first', 'second'] });
    const bytes = [...Buffer.from('pässwörd\r密碼😀\r')].map((byte) => Buffer.from([byte]));
    const split = await enter(bytes);
    expect(split.result).toEqual({ kind: 'entered', lines: ['pässwörd', '密碼😀'] });
  });

  test.each([
    ['a backspace takes a whole character', 'ab😀\u007Fc\r', 'abc'],
    ['Ctrl-H is a backspace', 'ab\bc\r', 'ac'],
    ['a backspace on nothing is nothing', '\u007F\u007Fa\r', 'a'],
    ['Ctrl-U empties the line', 'wrong\u0015right\r', 'right'],
    ['a line feed ends it', 'a\n', 'a'],
    ['Ctrl-D ends it', 'a\u0004', 'a'],
    ['arrow and function keys are no text', 'a\u001B[Ab\u001B[1;5C\u001BOPc\u001B[3~d\r', 'abcd'],
    ['Alt and a key is no text', 'a\u001Bxb\r', 'ab'],
    ['other controls are no text', 'a\u0000\u0001\tb\r', 'ab'],
    ['blanks are text', '  a \r', '  a '],
  ])('are edited: %s', async (_claim, typed, line) => {
    const { result } = await enter([typed], ['one: ']);
    expect(result).toEqual({ kind: 'entered', lines: [line] });
  });

  test('end at Ctrl-C, in the middle of a line too', async () => {
    expect((await enter(['first\rsec\u0003'])).result).toEqual({ kind: 'interrupted' });
    expect((await enter(['\u001B\u0003'])).result).toEqual({ kind: 'interrupted' });
  });

  test('end when the terminal goes away', async () => {
    const terminal = new Terminal();
    const asked = readHiddenLines(terminal, () => {}, ['one: ']);
    terminal.end('fir');
    expect(await within('the end', asked)).toEqual({ kind: 'interrupted' });
    expect(terminal.modes).toEqual([true, false]);
  });

  test('leave the terminal as it was when showing the prompt fails', async () => {
    const terminal = new Terminal();
    const say = (): void => {
      throw new Error('EPIPE');
    };
    await expect(readHiddenLines(terminal, say, ['one: '])).rejects.toThrow('EPIPE');
    expect(terminal.modes).toEqual([true, false]);
  });
});
