import type * as z from 'zod';
import { duration } from './duration.ts';
import { flag, oneOf, optionBlock, text } from './kinds.ts';

/** Fields that tell browsers to be careful, ready to be sent. */
export interface SecurityFieldsConfig {
  /** Name and value; in the order of the documentation. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Sent over TLS only: in the clear browsers ignore it, as anybody could have put it there. Null: not at all. */
  readonly transportSecurity: string | null;
}

const fieldValue = /^[\x21-\x7e](?:[\x20-\x7e]{0,4094}[\x21-\x7e])?$/;

export const securityFieldsOptions = optionBlock({
  strictTransportSecurity: duration({ min: '1m', max: '1000d', zero: 'none' })
    .prefault('0s')
    .describe(
      'For how long browsers come by https only, 1m to 1000d, or 0 for none. Default 0. Sent over ' +
        'TLS alone. It cannot be taken back: a site that loses its certificate is gone for so long.',
    ),
  includeSubDomains: flag()
    .default(false)
    .describe('Whether that holds for all names below, too. Default false.'),
  contentTypeOptions: flag()
    .default(true)
    .describe('`X-Content-Type-Options: nosniff`. Default true.'),
  frameOptions: oneOf(['DENY', 'SAMEORIGIN', 'none'])
    .default('SAMEORIGIN')
    .describe('Which pages may show these in a frame (`X-Frame-Options`). Default `SAMEORIGIN`.'),
  referrerPolicy: oneOf([
    'no-referrer',
    'same-origin',
    'strict-origin',
    'strict-origin-when-cross-origin',
    'none',
  ])
    .default('strict-origin-when-cross-origin')
    .describe(
      'What other sites learn of where a visitor comes from. Default ' +
        '`strict-origin-when-cross-origin`: the host, and nothing from https to http.',
    ),
  contentSecurityPolicy: text(fieldValue, 'a policy on one line')
    .optional()
    .describe('`Content-Security-Policy`, as it is. Default: none; only the application knows.'),
  permissionsPolicy: text(fieldValue, 'a policy on one line')
    .optional()
    .describe('`Permissions-Policy`, as it is. Default: none.'),
  crossOriginOpenerPolicy: oneOf(['same-origin', 'same-origin-allow-popups', 'none'])
    .default('none')
    .describe('`Cross-Origin-Opener-Policy`. Default `none`.'),
}).describe(
  'Fields that tell browsers to be careful, on all answers of the route. What an application says ' +
    'itself stays as it is.',
);

export function securityFieldsConfig(
  options: z.output<typeof securityFieldsOptions>,
): SecurityFieldsConfig {
  const seconds = Math.floor(options.strictTransportSecurity / 1000);
  const below = options.includeSubDomains ? '; includeSubDomains' : '';
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['X-Content-Type-Options', options.contentTypeOptions ? 'nosniff' : 'none'],
    ['X-Frame-Options', options.frameOptions],
    ['Referrer-Policy', options.referrerPolicy],
    ['Content-Security-Policy', options.contentSecurityPolicy],
    ['Permissions-Policy', options.permissionsPolicy],
    ['Cross-Origin-Opener-Policy', options.crossOriginOpenerPolicy],
  ];
  return {
    fields: rows.flatMap(([name, value]): (readonly [string, string])[] =>
      value === undefined || value === 'none' ? [] : [[name, value]],
    ),
    transportSecurity: seconds === 0 ? null : `max-age=${seconds}${below}`,
  };
}
