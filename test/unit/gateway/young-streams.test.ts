import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { YoungStreams, type YoungStream } from '../../../src/gateway/young-streams.ts';

interface Member extends YoungStream<Member> {
  readonly id: number;
}

const member = (id: number): Member => ({ id, older: null, newer: null, isYoung: false });

describe('the list of streams under way', () => {
  it('is in every order of comings and goings what a set would be', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 7 })));
    fc.assert(
      fc.property(steps, (all) => {
        const members = Array.from({ length: 8 }, (_, id) => member(id));
        const list = new YoungStreams<Member>();
        const set = new Set<Member>();
        for (const [isComing, id] of all) {
          const one = members[id] ?? member(id);
          if (isComing) {
            list.add(one);
            set.add(one);
          } else expect(list.delete(one)).toBe(set.delete(one));
          expect(list.all()).toEqual([...set]);
          expect(list.oldest).toBe([...set][0] ?? null);
        }
      }),
    );
  });

  it('leaves nobody in the hands of one who has gone', () => {
    const list = new YoungStreams<Member>();
    const [first, second, third] = [member(1), member(2), member(3)];
    for (const one of [first, second, third]) list.add(one);
    list.delete(second);
    expect([second.older, second.newer]).toEqual([null, null]);
    expect([first.newer, third.older]).toEqual([third, first]);
  });
});
