import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TurnEnd } from '../../../src/wire/turn-end.ts';

/** A turn with so many writes; how many of them were to wait. */
function writes(end: TurnEnd, count: number, sent: number[] = []): number {
  let waiting = 0;
  for (let index = 0; index < count; index++) {
    if (end.takes({ send: () => void sent.push(index) })) waiting++;
  }
  return waiting;
}

/** The end has found that turns are busy. */
async function busyEnd(): Promise<TurnEnd> {
  const end = new TurnEnd();
  writes(end, 100);
  await turn();
  return end;
}

describe('the end of a turn', () => {
  it('is nothing to wait for while turns have few writes', async () => {
    const end = new TurnEnd();
    for (let turns = 0; turns < 100; turns++) {
      expect(writes(end, 7)).toBe(0);
      await turn();
    }
  });

  it('has writes wait once turns have many, and sends them in their order', async () => {
    const end = await busyEnd();
    const sent: number[] = [];
    expect(writes(end, 10, sent)).toBe(10);
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('lets nobody wait for more than 31 others', async () => {
    const end = await busyEnd();
    const sent: number[] = [];
    writes(end, 40, sent);
    expect(sent).toHaveLength(32);
    await turn();
    expect(sent).toHaveLength(40);
  });

  it('is nothing to wait for any more behind one turn with few writes', async () => {
    const end = await busyEnd();
    const sent: number[] = [];
    expect(writes(end, 3, sent)).toBe(3);
    await turn();
    expect(sent).toHaveLength(3);
    expect(writes(end, 3)).toBe(0);
  });

  it('asks those as well who come while others are asked, nobody twice, and nobody is lost to a full turn within', async () => {
    const end = new TurnEnd(0);
    const sent: string[] = [];
    const first = {
      send: () => {
        sent.push('first');
        for (let index = 0; index < 40; index++) {
          end.takes({ send: () => void sent.push(`within ${index}`) });
        }
      },
    };
    end.takes(first);
    end.takes({ send: () => void sent.push('second') });
    await turn();
    const within = Array.from({ length: 40 }, (_, index) => `within ${index}`);
    expect(sent).toEqual(['first', 'second', ...within]);
  });

  it('can be had always', async () => {
    const end = new TurnEnd(0);
    for (let turns = 0; turns < 3; turns++) {
      expect(writes(end, 1)).toBe(1);
      await turn();
    }
  });
});
