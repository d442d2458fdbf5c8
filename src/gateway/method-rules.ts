import type { RouteConfig, RouteRequirement } from '../config/route.ts';

/**
 * Whether any route of a listener makes a difference between methods. Which one a request comes to follows from its method,
 * so a field that changes it behind us would go past the rules of all of them.
 */
export function hasMethodRules(
  routes: readonly Pick<RouteConfig, 'methods' | 'require'>[],
): boolean {
  return routes.some(
    ({ methods, require }) => methods.length > 0 || (require !== null && namesMethods(require)),
  );
}

function namesMethods(requirement: RouteRequirement): boolean {
  const { allOf, anyOf, noneOf } = requirement;
  return [requirement, ...allOf, ...anyOf, ...noneOf].some(({ methods }) => methods.length > 0);
}
