import * as z from 'zod';

/** 1: one process that does everything. Else a primary and so many workers; `auto`: one for each core. */
export type WorkersConfig = number | 'auto';

const expected = 'a whole number from 1 to 256, or auto';

export function workersOption() {
  return z
    .union(
      [
        z.int({ error: expected }).min(1, { error: expected }).max(256, { error: expected }),
        z.literal('auto'),
      ],
      { error: expected },
    )
    .default(1)
    .describe(
      'How many processes share the listeners, 1 to 256, or `auto`: one for each core. Default 1: ' +
        'one process, which needs no store beside its memory. With more, or `auto`, a primary ' +
        'starts them, replaces one that crashed, and replaces them all for a new configuration; ' +
        'sessions then need a store that they share. Caps on connections and the like count in ' +
        'each worker.',
    );
}
