import { byteSize } from './byte-size.ts';
import { listOf, optionBlock, text, textThat, word } from './kinds.ts';
import { loginThrottleOptions } from './login-throttle.ts';
import type { LoginThrottleConfig } from './login-throttle.ts';
import { origin } from './origin.ts';

/** Who is asked about a password, and from where. */
export interface LoginConfig {
  /** Names of directories that exist, in the order in which they are asked. */
  readonly directories: readonly string[];
  /** Further origins whose pages may log in and out, as a browser spells them in Origin. */
  readonly allowedOrigins: readonly string[];
  /** Of a login, escalate or logoutUser request. */
  readonly bodyBytesMax: number;
  /** Where people log in, for listeners without a login page of their own; null: nowhere that is known. */
  readonly url: string | null;
  /** Where somebody goes who logs in without having wanted to go anywhere. */
  readonly home: string;
  /** Hosts, with port where they have one, to which a login or a logout may lead by https. */
  readonly returnHosts: readonly string[];
  readonly throttle: LoginThrottleConfig;
}

export const loginOptions = optionBlock({
  directories: listOf(word('a directory'), 'directories')
    .optional()
    .describe(
      'The directories that are asked at a login, in this order; the first that accepts wins. ' +
        'Default: all, in the order of the file.',
    ),
  allowedOrigins: listOf(origin(), 'origins')
    .default([])
    .describe(
      'Further origins whose pages may log in, log out and act as staff here, such as ' +
        "`https://app.example.org`. Default: none, so only pages of the gateway's own host. " +
        'Every script on such a page can act for its visitors.',
    ),
  bodyBytesMax: byteSize({ min: 256, max: 1_048_576 })
    .prefault('16KiB')
    .describe(
      'The largest body of a login, escalate or logoutUser request, 256 bytes to 1MiB; a larger ' +
        'one is answered 413. Default 16KiB: such a body is held in memory for people who have ' +
        'not logged in yet.',
    ),
  url: textThat(
    isLoginUrl,
    /^(?:https?:\/)?\/[\x21\x22\x24-\x5b\x5d-\x7e]*$/,
    'the address of a login page, such as https://www.example.org/auth/login or /auth/login',
  )
    .optional()
    .describe(
      'The address of the login page as browsers see it, for listeners that have no loginPage ' +
        'endpoint: it is named in their 401 answers, and a proxy that asks `validate` is told it ' +
        'in Location. Default: none. Addresses are never made of what a client sends.',
    ),
  home: textThat(
    (value) => !value.startsWith('//'),
    /^\/[\x21-\x5b\x5d-\x7e]*$/,
    'a path such as / or /start',
  )
    .default('/')
    .describe(
      'The path where somebody goes who logs in without having wanted to go anywhere, or ' +
        'whose wish is not safe to fulfil. Default `/`.',
    ),
  returnHosts: listOf(
    text(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?$/, 'a host such as app.example.org'),
    'hosts',
  )
    .default([])
    .describe(
      'Hosts, in lower case and with their port if it is not 443, to which a login or a logout ' +
        'may lead: `next=https://app.example.org/…`. Default: none, so that both only lead to ' +
        'paths of the host that was asked.',
    ),
  throttle: loginThrottleOptions.prefault({}),
}).describe('Who is asked about a password, and from where.');

function isLoginUrl(value: string): boolean {
  return value.startsWith('/') ? !value.startsWith('//') : URL.canParse(value);
}
