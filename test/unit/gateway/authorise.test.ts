import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RouteCondition, RouteRequirement } from '../../../src/config/route.ts';
import { judge, type Judgement } from '../../../src/gateway/authorise.ts';
import type { Principal } from '../../../src/identity/principal.ts';

// Few words, so that random policies and random people have to do with one another.
const roles = ['clerk', 'judge', 'staff'];
const groups = ['north', 'south', 'east'];
const users = ['ann', 'bob', 'eve'];
const methods = ['GET', 'POST', 'DELETE'];

const condition: fc.Arbitrary<RouteCondition> = fc.record({
  roles: fc.subarray(roles),
  groups: fc.subarray(groups),
  users: fc.subarray(users),
  methods: fc.subarray(methods),
});
const conditions = fc.array(condition, { maxLength: 3 });
const requirement: fc.Arbitrary<RouteRequirement> = fc
  .tuple(condition, fc.record({ allOf: conditions, anyOf: conditions, noneOf: conditions }))
  .map(([own, others]) => ({ ...own, ...others }));
const principal: fc.Arbitrary<Principal> = fc.record({
  subject: fc.constantFrom(...users),
  directory: fc.constant('d'),
  role: fc.constantFrom(...roles),
  groups: fc.subarray(groups),
  attributes: fc.constant({}),
});

/** What the documentation says, in sets: no shortcut, no order. */
function model(policy: RouteRequirement | null, who: Principal | null, method: string): Judgement {
  if (who === null) return 'unavailable';
  if (policy === null) return 'allowed';
  const isNamed = (words: readonly string[], own: readonly string[]): boolean =>
    words.length === 0 || new Set(words).intersection(new Set(own)).size > 0;
  const holds = (one: RouteCondition): boolean =>
    [
      isNamed(one.roles, [who.role]),
      isNamed(one.groups, who.groups),
      isNamed(one.users, [who.subject]),
      isNamed(one.methods, [method]),
    ].every(Boolean);
  const verdicts = [
    holds(policy),
    policy.allOf.every(holds),
    policy.anyOf.length === 0 || policy.anyOf.some(holds),
    !policy.noneOf.some(holds),
  ];
  return verdicts.includes(false) ? 'denied' : 'allowed';
}

describe('the judgement of a route', () => {
  it('is that of the model, whatever the policy and whoever asks', () => {
    const seen = new Map<Judgement, number>();
    fc.assert(
      fc.property(
        fc.option(requirement, { freq: 20 }),
        fc.option(principal, { freq: 10 }),
        fc.constantFrom(...methods, 'HEAD'),
        (policy, who, method) => {
          const judgement = judge(policy, who, method);
          seen.set(judgement, (seen.get(judgement) ?? 0) + 1);
          expect(judgement).toBe(model(policy, who, method));
        },
      ),
      { numRuns: 5_000 },
    );
    // A run in which one of the answers never came would prove little.
    for (const judgement of ['allowed', 'denied', 'unavailable'] as const) {
      expect(seen.get(judgement), judgement).toBeGreaterThan(50);
    }
  });

  it('is neither yes nor no while nobody can say who it is, whatever the policy', () => {
    fc.assert(
      fc.property(fc.option(requirement), fc.constantFrom(...methods), (policy, method) => {
        expect(judge(policy, null, method)).toBe('unavailable');
      }),
    );
  });

  it('becomes no weaker by a further prohibition, and no stronger by a further way in', () => {
    fc.assert(
      fc.property(requirement, condition, principal, (policy, more, who) => {
        const forbidden = { ...policy, noneOf: [...policy.noneOf, more] };
        if (judge(policy, who, 'GET') === 'denied') {
          expect(judge(forbidden, who, 'GET')).toBe('denied');
        }
        const wider = { ...policy, anyOf: [...policy.anyOf, more] };
        if (policy.anyOf.length > 0 && judge(policy, who, 'GET') === 'allowed') {
          expect(judge(wider, who, 'GET')).toBe('allowed');
        }
      }),
    );
  });
});
