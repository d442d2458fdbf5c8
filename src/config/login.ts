import { byteSize } from './byte-size.ts';
import { listOf, optionBlock, word } from './kinds.ts';
import { origin } from './origin.ts';

/** Who is asked about a password, and from where. */
export interface LoginConfig {
  /** Names of directories that exist, in the order in which they are asked. */
  readonly directories: readonly string[];
  /** Further origins whose pages may log in and out, as a browser spells them in Origin. */
  readonly allowedOrigins: readonly string[];
  /** Of a login, escalate or logoutUser request. */
  readonly bodyBytesMax: number;
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
}).describe('Who is asked about a password, and from where.');
