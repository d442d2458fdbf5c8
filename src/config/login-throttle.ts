import type * as z from 'zod';
import { networkRange } from './address.ts';
import { duration } from './duration.ts';
import { flag, listOf, optionBlock, wholeNumber } from './kinds.ts';

/** So many failures at once, and one more for each time that this long has passed. */
export interface FailureRate {
  readonly failures: number;
  readonly regainMs: number;
}

/** How failed logins slow down those that follow. */
export interface LoginThrottleConfig {
  readonly isEnabled: boolean;
  readonly account: FailureRate;
  readonly address: FailureRate;
  readonly overall: FailureRate;
  /** CIDRs of addresses that are not counted. */
  readonly exemptAddresses: readonly string[];
  readonly entriesMax: number;
}

function rate(what: string, failures: number, regain: string, why: string) {
  return optionBlock({
    failures: wholeNumber({ min: 1, max: 1_000_000 })
      .default(failures)
      .describe(`How many failed logins ${what} are let through at once. Default ${failures}.`),
    regain: duration({ min: '1ms', max: '1d' })
      .prefault(regain)
      .describe(
        `After how long one more is let through, 1ms to 1d. Default ${regain}: ${why} A long time ` +
          'lets a stranger keep people out.',
      ),
  });
}

export const loginThrottleOptions = optionBlock({
  enabled: flag()
    .default(true)
    .describe(
      'Whether failed logins slow down those that follow. On by default: without it passwords ' +
        'can be guessed as fast as they can be checked.',
    ),
  account: rate('of one account', 10, '1m', 'sixty guesses an hour.')
    .prefault({})
    .describe(
      'For one account, from networks where it has not logged in yet; a network where it has is ' +
        'counted by itself, so that strangers keep nobody out of his own home.',
    ),
  address: rate('from one address', 100, '10s', 'many people may share an address.')
    .prefault({})
    .describe(
      'For one IPv4 address, or the /64 of an IPv6 address, whatever the accounts. The /48 around ' +
        'it has a tenth of `overall`, or as much as one address where that is more. Where a proxy ' +
        'in front of the gateway is every client, exempt it with exemptAddresses.',
    ),
  overall: rate('in all', 1_000, '100ms', 'more than people mistype.')
    .prefault({})
    .describe(
      'For the whole gateway, with sessions in Redis for all nodes: a limit to guessing from many ' +
        'addresses at many accounts. While it ' +
        'is used up only those get in who come from where they have logged in before.',
    ),
  exemptAddresses: listOf(networkRange(), 'address ranges')
    .default([])
    .describe(
      'CIDRs whose addresses are not counted, such as 192.0.2.7/32: a proxy in front of the ' +
        'gateway, or monitoring. Accounts are counted all the same. Default: none.',
    ),
  entriesMax: wholeNumber({ min: 100, max: 10_000_000 })
    .default(100_000)
    .describe(
      'How many accounts and addresses are counted by themselves, 100 to 10000000. Default ' +
        '100000, some 20 MB at most. What is counted is never forgotten for space: further ones ' +
        'share a count.',
    ),
}).describe('How failed logins slow down those that follow: 429 with Retry-After.');

export function loginThrottleConfig(
  options: z.output<typeof loginThrottleOptions>,
): LoginThrottleConfig {
  const { account, address, enabled, entriesMax, exemptAddresses, overall } = options;
  return {
    isEnabled: enabled,
    account: rateOf(account),
    address: rateOf(address),
    overall: rateOf(overall),
    exemptAddresses,
    entriesMax,
  };
}

function rateOf({ failures, regain }: z.output<ReturnType<typeof rate>>): FailureRate {
  return { failures, regainMs: regain };
}
