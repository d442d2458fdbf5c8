import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isNoWider } from '../../../src/assembly/requirement-order.ts';
import type { RouteCondition, RouteRequirement } from '../../../src/config/route.ts';
import { judge } from '../../../src/gateway/authorise.ts';

const some = (...words: readonly string[]) => fc.subarray([...words], { maxLength: 2 });
const lists = {
  roles: some('r1', 'r2'),
  groups: some('g1', 'g2'),
  users: some('u1', 'u2'),
  methods: some('GET', 'PUT'),
};
const conditions: fc.Arbitrary<readonly RouteCondition[]> = fc.array(
  fc.record(lists).filter((one) => Object.values(one).some((words) => words.length > 0)),
  { maxLength: 2 },
);
const requirement: fc.Arbitrary<RouteRequirement | null> = fc.option(
  fc.record({ ...lists, allOf: conditions, anyOf: conditions, noneOf: conditions }),
  { freq: 9 },
);
const somebody = fc.record({
  subject: fc.constantFrom('u1', 'u2', 'u3'),
  role: fc.constantFrom('r1', 'r2', 'r3'),
  groups: fc.subarray(['g1', 'g2', 'g3']),
  directory: fc.constant('own'),
  attributes: fc.constant({}),
});

it('nobody meets a requirement that is no wider without meeting the other', () => {
  let count = 0;
  fc.assert(
    fc.property(
      requirement,
      requirement,
      fc.array(somebody, { minLength: 20, maxLength: 20 }),
      fc.constantFrom('GET', 'PUT', 'POST'),
      (before, after, people, method) => {
        if (!isNoWider(before, after)) return;
        count += 1;
        for (const one of people) {
          if (judge(after, one, method) === 'allowed') {
            expect(judge(before, one, method)).toBe('allowed');
          }
        }
      },
    ),
    { numRuns: 4_000 },
  );
  expect(count).toBeGreaterThan(100);
});

it('every requirement is no wider than itself', () => {
  fc.assert(fc.property(requirement, (one) => isNoWider(one, one)));
});
