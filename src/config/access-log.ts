import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import { flag, oneOf, optionBlock, text } from './kinds.ts';

/** One line for every request, whatever became of it. */
export interface AccessLogConfig {
  readonly isEnabled: boolean;
  /** An absolute path of a file that is appended to, or `-` for standard output. */
  readonly path: string;
  readonly format: 'json' | 'combined' | 'main_ext';
}

export const accessLogOptions = optionBlock({
  enabled: flag()
    .default(true)
    .describe(
      'Whether requests are logged. On by default: without it nobody can say afterwards who did ' +
        'what.',
    ),
  path: text(/^[^\0]+$/, '- for standard output, or the path of a file')
    .default('-')
    .describe(
      'Where to: `-` (the default) is standard output, as containers expect it; anything else ' +
        'is a file that is appended to, relative to the folder of this configuration. Nothing ' +
        'here rotates or limits it; SIGUSR2 opens it again after it was moved away.',
    ),
  format: oneOf(['json', 'combined', 'main_ext'])
    .default('json')
    .describe(
      'How a line looks: `json` (the default), or as NGINX writes it, `combined` or `main_ext` (with ' +
        'the upstream, its times, the token cache and the request id). Those two have the address as ' +
        'it came, with its query, and the Referer: secrets that are put there are in the log then.',
    ),
}).describe('One line for every request, also for those that were refused or broken off.');

export function accessLogConfig(
  options: z.output<typeof accessLogOptions>,
  configPath: string,
): AccessLogConfig {
  const { enabled, format, path } = options;
  const target = path === '-' ? path : resolve(dirname(configPath), path);
  return { isEnabled: enabled, path: target, format };
}
