import type { RouteRequirement } from '../config/route.ts';
import type { Principal } from '../identity/principal.ts';

/** One of the roles, if any are named, and one of the groups, if any are named. Judged anew for each request. */
export function isAllowed(principal: Principal, requirement: RouteRequirement): boolean {
  const { roles, groups } = requirement;
  if (roles.length > 0 && !roles.includes(principal.role)) return false;
  return groups.length === 0 || principal.groups.some((group) => groups.includes(group));
}
