import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { NameHash } from '../../../src/tokens/name-hash.ts';

const first = { id: 'k1', secret: new Secret('a secret of thirty-two characters') };
const second = { id: 'k2', secret: new Secret('another one of thirty-two characters') };

const hashed = (keys: (typeof first)[], kind: string, name: string): string =>
  new NameHash({ keys }).hash(kind, name).toString('base64url');

describe('what a store knows a name by', () => {
  it('is the same at all who have the same first key, and another with every other one', () => {
    const name = hashed([first], 'who', 'anna');
    expect(name).toHaveLength(22);
    expect(hashed([first, second], 'who', 'anna')).toBe(name);
    expect(hashed([second, first], 'who', 'anna')).not.toBe(name);
  });

  it('says what kind of name it is, too', () => {
    const names = [
      hashed([first], 'who', 'anna'),
      hashed([first], 'place', 'anna'),
      hashed([first], 'who', 'berta'),
    ];
    expect(new Set(names).size).toBe(3);
  });

  it('is made with configured keys only', () => {
    expect(() => new NameHash({ keys: [] })).toThrow(/configured keys/);
  });
});
