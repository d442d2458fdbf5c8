import type * as z from 'zod';
import { networkRange } from './address.ts';
import { flag, listOf, optionBlock, word } from './kinds.ts';

/** What the keyval API of a route may do, and for whom. */
export interface KeyvalApiConfig {
  readonly isWritable: boolean;
  /** CIDRs of those who may ask. */
  readonly allowedPeers: readonly string[];
  /** Null: every zone. */
  readonly zones: readonly string[] | null;
}

export const keyvalApiOptions = optionBlock({
  write: flag()
    .default(false)
    .describe(
      'Whether entries can be changed. Default false. Who can change them can let anybody in whom ' +
        'the zone decides about, and keep everybody out.',
    ),
  allow: listOf(networkRange(), 'address ranges')
    .default(['127.0.0.1/32', '::1/128'])
    .describe(
      'The addresses that may ask, as ranges; others get 403. Default: this machine. The client as ' +
        'trustedProxies have it. Beside it the route may have `auth: session` and `require`; without ' +
        'a session and without `hosts` it answers only under an address or `localhost`, since pages ' +
        'can give this machine names of their own. Loopback ranges mean this machine: they do not ' +
        'match what a proxy on another one says.',
    ),
  zones: listOf(word('the name of a zone'), 'zones')
    .optional()
    .describe('The zones that are there for those who ask. Default: all.'),
}).describe('The API for key-value zones; only beside `endpoint: keyval`.');

export function keyvalApiConfig({
  allow,
  write,
  zones,
}: z.output<typeof keyvalApiOptions>): KeyvalApiConfig {
  return { isWritable: write, allowedPeers: allow, zones: zones ?? null };
}
