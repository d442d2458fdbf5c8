import type { RouteCondition, RouteConfig } from '../config/route.ts';

/** Whom a route lets in, in words. */
export function whoText({ auth, require }: Pick<RouteConfig, 'auth' | 'require'>): string {
  if (auth === 'none') return 'everybody';
  const known = {
    session: 'logged in',
    bearer: 'token',
    sessionOrBearer: 'logged in or token',
    'token-cache': 'cached token',
  }[auth];
  if (require === null) return known;
  const { allOf, anyOf, noneOf } = require;
  const parts = [
    conditionText(require),
    ...allOf.map(conditionText),
    anyOf
      .map((one) => (anyOf.length === 1 ? conditionText(one) : `(${conditionText(one)})`))
      .join(' or '),
    ...noneOf.map((one) => `not (${conditionText(one)})`),
  ].filter((text) => text !== '');
  return parts.length === 0 ? known : parts.join(', ');
}

/** `role clerk or judge, group north` */
function conditionText({ roles, groups, users, methods }: RouteCondition): string {
  const lists = { role: roles, group: groups, user: users, method: methods };
  return Object.entries(lists)
    .filter(([, words]) => words.length > 0)
    .map(([name, words]) => `${name} ${words.join(' or ')}`)
    .join(', ');
}
