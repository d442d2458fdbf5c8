import type { RouteCondition, RouteRequirement } from '../config/route.ts';

/**
 * Whether it can be shown that nobody meets `after` who does not meet `before`: alternatives have gone, conditions have
 * come, and nothing else is different. False: it may be so all the same.
 */
export function isNoWider(
  before: RouteRequirement | null,
  after: RouteRequirement | null,
): boolean {
  if (before === null) return true;
  if (after === null) return false;
  const held = conditionsOf(after);
  return (
    conditionsOf(before).every((old) => held.some((one) => implies(one, old))) &&
    isOneImplied(before.anyOf, after.anyOf, held) &&
    before.noneOf.every((old) => after.noneOf.some((one) => implies(old, one)))
  );
}

/** All of these have to be met. */
function conditionsOf(requirement: RouteRequirement): readonly RouteCondition[] {
  return [requirement, ...requirement.allOf];
}

function isOneImplied(
  before: readonly RouteCondition[],
  after: readonly RouteCondition[],
  held: readonly RouteCondition[],
): boolean {
  const isOneOfBefore = (one: RouteCondition): boolean => before.some((old) => implies(one, old));
  if (before.length === 0 || held.some(isOneOfBefore)) return true;
  return after.length > 0 && after.every(isOneOfBefore);
}

/** Whoever meets `narrow` meets `wide`. */
function implies(narrow: RouteCondition, wide: RouteCondition): boolean {
  return (
    isWithin(narrow.roles, wide.roles) &&
    isWithin(narrow.groups, wide.groups) &&
    isWithin(narrow.users, wide.users) &&
    isWithin(narrow.methods, wide.methods)
  );
}

/** An empty list asks for nothing. */
function isWithin(narrow: readonly string[], wide: readonly string[]): boolean {
  if (wide.length === 0) return true;
  return narrow.length > 0 && narrow.every((word) => wide.includes(word));
}
