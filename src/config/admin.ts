import { listenAddress, type Address } from './address.ts';
import { flag, listOf, optionBlock, text, word } from './kinds.ts';
import { origin } from './origin.ts';

/** The operators' port: liveness, readiness, metrics, and the console. */
export interface AdminConfig extends Address {
  /** Lower case, without ports: by these names browsers may come to the console, beside addresses of this machine. */
  readonly hosts: readonly string[];
  /** A proxy of our own in front takes the TLS off. */
  readonly isSecure: boolean;
  /** The origin under which users see the gateway; null: nobody has said. */
  readonly site: string | null;
  /** The listener that users come to; null: the first. */
  readonly siteListener: string | null;
}

const hostExpected = 'a host name without a port, such as console.example.org';

export const adminOptions = optionBlock({
  address: listenAddress().describe(
    "Where the operators' port is bound, such as `127.0.0.1:9099`. No default. Health and metrics " +
      'ask nobody for a password, so keep it on loopback or on a network that only operators and ' +
      'their monitoring reach.',
  ),
  hosts: listOf(
    text(/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_-])?$/, hostExpected).transform((name) =>
      name.toLowerCase(),
    ),
    'host names',
  )
    .default([])
    .describe(
      'By which names browsers may come to the console, such as `console.example.org`. Default: ' +
        'none beside `localhost` and the address that they connect to. Any other name is answered ' +
        '421: whoever owns a name can let it lead here, and its pages would speak with the ' +
        'rights of whoever opens them. Probes may use any name.',
    ),
  secure: flag()
    .default(false)
    .describe(
      'Whether browsers come over TLS that a proxy of yours in front takes off. The cookie is then ' +
        '`Secure` and has the prefix `__Host-`. Default false. Without it the password of staff ' +
        'goes in the clear: right for loopback and a tunnel only.',
    ),
  site: origin()
    .optional()
    .describe(
      'The origin under which users see the gateway, such as `https://www.example.org`: the ' +
        'console leads staff who act for a user there. Default: the address of the listener, ' +
        'where that is one of the loopback; else the console says that it is not known.',
    ),
  siteListener: word('a listener')
    .optional()
    .describe('The listener that users come to under `site`. Default: the first.'),
}).describe(
  "The operators' port: /livez, /readyz, /metrics and /upstreams, and the console for staff. " +
    'Without this section there is none.',
);

export function adminConfig(options: {
  readonly address: Address;
  readonly hosts: readonly string[];
  readonly secure: boolean;
  readonly site?: string | undefined;
  readonly siteListener?: string | undefined;
}): AdminConfig {
  const { address, hosts, secure, site = null, siteListener = null } = options;
  return { ...address, hosts, isSecure: secure, site, siteListener };
}
