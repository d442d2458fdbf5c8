import { describe, expect, it } from 'vitest';
import { closestWord, editDistance } from '../../../src/lib/closest-word.ts';

describe('the edit distance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['abc', 'abd', 1],
    ['abc', 'abcd', 1],
    ['abc', 'bc', 1],
    ['abc', 'acb', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('between %j and %j is %i', (left, right, distance) => {
    expect(editDistance(left, right)).toBe(distance);
    expect(editDistance(right, left)).toBe(distance);
  });
});

describe('the closest word', () => {
  const words = ['address', 'secure', 'strict', 'routes', 'id'];

  it.each([
    ['adress', 'address'],
    ['Address', 'address'],
    ['route', 'routes'],
    ['rotues', 'routes'],
    ['secured', 'secure'],
    ['ids', 'id'],
  ])('to %s is %s', (word, closest) => {
    expect(closestWord(word, words)).toBe(closest);
  });

  it.each(['colour', 'x', '', 'listeners'])('to %j is none of them', (word) => {
    expect(closestWord(word, words)).toBeUndefined();
  });

  it('is the first of those equally near', () => {
    expect(closestWord('cat', ['bat', 'rat'])).toBe('bat');
  });
});
