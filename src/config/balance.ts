import { oneOf, text } from './kinds.ts';

export const balanceNames = ['roundRobin', 'leastConnections', 'twoChoices', 'hash'] as const;
export type BalanceName = (typeof balanceNames)[number];

/** What requests have in common that go to one server. */
export type HashKey =
  | { readonly by: 'session' | 'user' | 'address' }
  | { readonly by: 'header'; /** Lower case. */ readonly field: string };

/** Options of an upstream, beside the others. */
export const balanceFields = {
  balance: oneOf(balanceNames)
    .default('roundRobin')
    .describe(
      'Whose turn it is. `roundRobin`: in turn, by weight. `leastConnections`: whoever has fewest ' +
        'requests under way for its weight; for requests that take very different times. ' +
        '`twoChoices`: the less busy one of two drawn at random; the same for many gateways, ' +
        'which would else all take the same one. `hash`: requests with one hashBy go to one ' +
        'server, and only those of a server that is gone move. Default `roundRobin`.',
    ),
  hashBy: text(
    /^(?:session|user|address|header:[A-Za-z0-9-]{1,100})$/,
    'session, user, address, or header: with a field name, such as header:X-Tenant',
  )
    .optional()
    .describe(
      'What requests have in common that go to one server: `session`, `user` (in all sessions), ' +
        '`address` (of the client), or a field such as `header:X-Tenant`. Requests without it go ' +
        'to any. Default `session`. Only with balance: hash.',
    ),
  stickyCookie: text(
    /^[A-Za-z0-9_-]{1,64}$/,
    'a cookie name of at most 64 letters, digits, - and _',
  )
    .optional()
    .describe(
      'Keeps each browser at one server by a cookie of this name, for as long as the server can be ' +
        'asked: for applications that keep something in their own memory. The cookie names the ' +
        'server in a way that only this configuration can make and read, and the application ' +
        'does not see it. Default: none, any server may be asked. Not for shared caches in front.',
    ),
};

export function hashKeyOf(hashBy: string | undefined): HashKey {
  if (hashBy?.startsWith('header:') === true) {
    return { by: 'header', field: hashBy.slice('header:'.length).toLowerCase() };
  }
  return { by: hashBy === 'user' || hashBy === 'address' ? hashBy : 'session' };
}
