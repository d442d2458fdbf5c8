import type * as z from 'zod';
import { duration } from './duration.ts';
import { flag, optionBlock } from './kinds.ts';

/** When a running gateway takes its configuration anew without being told. */
export interface ReloadConfig {
  /** When the file, or one that it names, has changed. */
  readonly isWatched: boolean;
  readonly intervalMs: number;
}

export const reloadOptions = optionBlock({
  watch: flag()
    .default(false)
    .describe(
      'Whether this file and those that it names are watched, and taken as `portcullis reload` ' +
        'would when they have changed and been left alone for one interval. Certificates of ' +
        'listeners are always looked after. Default false: what is saved is not always what is ' +
        'meant, and who can write these files could then make a route public unseen. Good where ' +
        'they are put there by a deployment. Needs `workers` other than 1.',
    ),
  interval: duration({ min: '100ms', max: '1h' })
    .prefault('2s')
    .describe(
      'How often they are looked at, 100ms to 1h. Default 2s: a change is taken after two looks ' +
        'that found the same, so that no half of a file is.',
    ),
}).describe('When the configuration is taken anew without being told. SIGHUP always does it.');

export function reloadConfig({ interval, watch }: z.output<typeof reloadOptions>): ReloadConfig {
  return { isWatched: watch, intervalMs: interval };
}
