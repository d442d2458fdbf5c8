import type * as z from 'zod';
import { duration } from './duration.ts';
import { optionBlock, wholeNumber } from './kinds.ts';
import { readNamed, readOptions, type Part } from './read-options.ts';

/** A key-value zone. It lies where the sessions lie. */
export interface ZoneConfig {
  readonly name: string;
  readonly entriesMax: number;
  /** Of an entry, from when it was last written; null: for ever. */
  readonly livesMs: number | null;
}

export const zoneOptions = optionBlock({
  timeout: duration({ min: '1s', max: '30d' })
    .optional()
    .describe(
      'How long an entry lives after it was last written, 1s to 30d. Default: until somebody ' +
        'removes it. Needed for token caches, and for `expire` in the API.',
    ),
  entriesMax: wholeNumber({ min: 1, max: 1_000_000 })
    .default(10_000)
    .describe(
      'How many entries there may be, 1 to 1000000. Nothing is dropped for space: what does not fit ' +
        'is refused, and a token that does not fit is fetched again for each request. Default ' +
        '10000, some MB in the store and at most as much in each worker.',
    ),
}).describe('A zone of keys and values, kept where the sessions are kept, seen by all nodes.');

/** One zone as far as it could be read. */
export interface ZoneDraft {
  readonly name: string;
  readonly part: Part;
  readonly config: ZoneConfig | undefined;
}

export function readZones(part: Part): readonly ZoneDraft[] {
  return readNamed(part).map(({ name, part: inner }) => {
    const options = readOptions(zoneOptions, inner);
    return { name, part: inner, config: options && zoneConfig(name, options.value) };
  });
}

function zoneConfig(
  name: string,
  { entriesMax, timeout }: z.output<typeof zoneOptions>,
): ZoneConfig {
  return { name, entriesMax, livesMs: timeout ?? null };
}
