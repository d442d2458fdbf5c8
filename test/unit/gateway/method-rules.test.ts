import { describe, expect, it } from 'vitest';
import type { RouteRequirement } from '../../../src/config/route.ts';
import { hasMethodRules } from '../../../src/gateway/method-rules.ts';

const none = { roles: [], groups: [], users: [], methods: [] };
const open: RouteRequirement = { ...none, allOf: [], anyOf: [], noneOf: [] };
const reads = { ...none, methods: ['GET'] };

describe('a listener', () => {
  it('has no rule about methods where nothing names any', () => {
    expect(hasMethodRules([])).toBe(false);
    expect(
      hasMethodRules([
        { methods: [], require: null },
        { methods: [], require: { ...open, roles: ['staff'], allOf: [none] } },
      ]),
    ).toBe(false);
  });

  it.each([
    ['a route', { methods: ['DELETE'], require: null }],
    ['a requirement', { methods: [], require: { ...open, methods: ['GET'] } }],
    ['allOf', { methods: [], require: { ...open, allOf: [none, reads] } }],
    ['anyOf', { methods: [], require: { ...open, anyOf: [reads] } }],
    ['noneOf', { methods: [], require: { ...open, noneOf: [reads] } }],
  ])('has one where %s names some, beside whatever else', (_place, route) => {
    expect(hasMethodRules([{ methods: [], require: null }, route])).toBe(true);
  });
});
