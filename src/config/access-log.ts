import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import { flag, optionBlock, text } from './kinds.ts';

/** One JSON line for every request, whatever became of it. */
export interface AccessLogConfig {
  readonly isEnabled: boolean;
  /** An absolute path of a file that is appended to, or `-` for standard output. */
  readonly path: string;
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
        'here rotates or limits it.',
    ),
}).describe('One JSON line for every request, also for those that were refused or broken off.');

export function accessLogConfig(
  options: z.output<typeof accessLogOptions>,
  configPath: string,
): AccessLogConfig {
  const { enabled, path } = options;
  return { isEnabled: enabled, path: path === '-' ? path : resolve(dirname(configPath), path) };
}
