import type { RouteCondition, RouteRequirement } from '../config/route.ts';
import type { Principal } from '../identity/principal.ts';

/** There are three answers, because not to know who somebody is says neither yes nor no. */
export type Judgement = 'allowed' | 'denied' | 'unavailable';

/**
 * Whether somebody may do this, judged anew for each request. `principal` is null while nobody can say who it is: then
 * no rule is looked at, or one that asks for a method alone would let somebody in.
 */
export function judge(
  requirement: RouteRequirement | null,
  principal: Principal | null,
  method: string,
): Judgement {
  if (principal === null) return 'unavailable';
  return requirement === null || isMet(requirement, principal, method) ? 'allowed' : 'denied';
}

function isMet(requirement: RouteRequirement, principal: Principal, method: string): boolean {
  if (!meets(requirement, principal, method)) return false;
  const { allOf, anyOf, noneOf } = requirement;
  for (const condition of allOf) if (!meets(condition, principal, method)) return false;
  for (const condition of noneOf) if (meets(condition, principal, method)) return false;
  if (anyOf.length === 0) return true;
  for (const condition of anyOf) if (meets(condition, principal, method)) return true;
  return false;
}

/** Every list that names something has to be met. */
function meets(condition: RouteCondition, principal: Principal, method: string): boolean {
  const { groups, methods, roles, users } = condition;
  if (methods.length > 0 && !methods.includes(method)) return false;
  if (roles.length > 0 && !roles.includes(principal.role)) return false;
  if (users.length > 0 && !users.includes(principal.subject)) return false;
  return groups.length === 0 || sharesOne(groups, principal.groups);
}

function sharesOne(wanted: readonly string[], groups: readonly string[]): boolean {
  for (const group of groups) if (wanted.includes(group)) return true;
  return false;
}
