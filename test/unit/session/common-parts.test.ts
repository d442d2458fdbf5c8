import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../src/identity/principal.ts';
import { CommonParts } from '../../../src/session/common-parts.ts';

/** As a store reads it: everything is a copy. */
function read(subject: string, groups: readonly string[], role = 'physician'): Principal {
  return { subject, directory: 'people', role, groups: [...groups], attributes: { mark: subject } };
}

describe('what people have in common', () => {
  it('is kept once, and everybody stays who it was', () => {
    const common = new CommonParts();
    const [one, other] = [read('one', ['a', 'b']), read('other', ['a', 'b'])];
    expect(common.share(one)).toEqual(one);
    expect(common.share(other)).toEqual(other);
    expect(common.share(other).groups).toBe(common.share(one).groups);
  });

  it('is not mixed up, however groups are named', () => {
    const common = new CommonParts();
    const different = [
      read('one', ['a', 'b']),
      read('one', ['b', 'a']),
      read('one', ['a,b']),
      read('one', ['a","b']),
      read('one', []),
      read('one', ['']),
      read('one', ['a', 'b'], 'patient'),
      { ...read('one', ['a', 'b']), directory: 'others' },
    ];
    for (const principal of different) common.share(principal);
    expect(different.map((principal) => common.share(principal))).toEqual(different);
  });

  it('is forgotten before it grows without end, and shared again', () => {
    const common = new CommonParts();
    const before = common.share(read('one', ['a']));
    for (let index = 0; index < 10_000; index += 1) common.share(read('x', [`g${String(index)}`]));
    const after = common.share(read('one', ['a']));
    expect(after).toEqual(before);
    expect(after.groups).not.toBe(before.groups);
    expect(common.share(read('two', ['a'])).groups).toBe(after.groups);
  });
});
