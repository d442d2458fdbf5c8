import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { ValueSeal } from '../../../src/tokens/value-seal.ts';

const first = { id: 'a', secret: new Secret('first-secret-0123456789abcdef0123456789') };
const second = { id: 'b', secret: new Secret('second-secret-0123456789abcdef012345678') };
const stranger = { id: 'a', secret: new Secret('stranger-secret-0123456789abcdef0123456') };

describe('a sealed value', () => {
  test('opens at the place that it was sealed for, and nowhere else', () => {
    const seal = new ValueSeal({ keys: [first] });
    const sealed = seal.seal('sessions k1', 'Grüße');
    expect(seal.open('sessions k1', sealed)).toBe('Grüße');
    expect(seal.open('sessions k2', sealed)).toBeNull();
  });

  test('shows nothing of what it holds, and is another one each time', () => {
    const seal = new ValueSeal({ keys: [first] });
    const one = seal.seal('p', 'alice');
    expect(one.includes('alice')).toBe(false);
    expect(one.equals(seal.seal('p', 'alice'))).toBe(false);
  });

  test('opens while its key is known, whichever key seals by now', () => {
    const sealed = new ValueSeal({ keys: [first] }).seal('p', 'text');
    expect(new ValueSeal({ keys: [second, first] }).open('p', sealed)).toBe('text');
    expect(new ValueSeal({ keys: [second] }).open('p', sealed)).toBeNull();
  });

  test('does not open with a key of the same name', () => {
    const sealed = new ValueSeal({ keys: [stranger] }).seal('p', 'text');
    expect(new ValueSeal({ keys: [first] }).open('p', sealed)).toBeNull();
  });

  test('does not open when any bit of it has changed, or any of it is missing', () => {
    const seal = new ValueSeal({ keys: [first] });
    const sealed = seal.seal('p', 'text');
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(seal.open('p', changed)).toBeNull();
    }
    for (let end = 0; end < sealed.length; end += 1) {
      expect(seal.open('p', sealed.subarray(0, end))).toBeNull();
    }
  });

  test('is made with configured keys only', () => {
    expect(() => new ValueSeal({ keys: [] })).toThrow('configured keys');
  });
});
