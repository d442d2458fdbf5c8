import { byteSize } from './byte-size.ts';
import { oneOf, optionBlock, textThat } from './kinds.ts';

/** How upstreams are told who is asking. */
export interface IdentityConfig {
  /** The field that says it. A client's own is removed, in every spelling. */
  readonly field: string;
  /** `json`: `{"username","role","groups"}`; `tyke`: `user:role:g1,g2`. */
  readonly format: 'json' | 'tyke';
  /** A longer value refuses the login. */
  readonly bytesMax: number;
}

/** What means something else already, on the wire or to applications. */
const takenFields: ReadonlySet<string> = new Set([
  'accept',
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'date',
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'keep-alive',
  'location',
  'origin',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'referer',
  'set-cookie',
  'te',
  'traceparent',
  'tracestate',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'vary',
  'via',
  'www-authenticate',
  'x-real-ip',
  'x-request-id',
]);

const fieldExpected =
  'a field name of letters, digits and hyphens that means nothing else yet, such as X-UserInfo';

export const identityOptions = optionBlock({
  field: textThat(isFreeField, /^[A-Za-z](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/, fieldExpected)
    .default('X-UserInfo')
    .describe(
      'The request field that tells upstreams who is asking. Default `X-UserInfo`. A field of ' +
        'that name which a client sends is removed, in every spelling; so is X-UserInfo. ' +
        'Whoever can reach an upstream past the gateway can say anything in it.',
    ),
  format: oneOf(['json', 'tyke'])
    .default('json')
    .describe(
      '`json` (the default): {"username","role","groups"} in ASCII. `tyke`: ' +
        '`user:role:group1,group2`; nobody whose name or groups hold `:`, `,` or anything but ' +
        'printable ASCII can log in then.',
    ),
  bytesMax: byteSize({ min: 64, max: 65_536 })
    .prefault('4KiB')
    .describe(
      'The longest value of the field, 64 bytes to 64KiB; a user who needs more cannot log in. ' +
        'Default 4KiB: half of what most servers accept as the head of a request.',
    ),
}).describe('How upstreams are told who is asking.');

/** Whether a field of that name is nobody else's. */
export function isFreeField(name: string): boolean {
  const lower = name.toLowerCase();
  return !takenFields.has(lower) && !lower.startsWith('x-forwarded-');
}
