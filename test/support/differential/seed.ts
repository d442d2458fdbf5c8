import { randomInt } from 'node:crypto';

/** The run that is the same everywhere. */
export const FIXED_SEED = 20_260_911;

const asked = process.env['DIFFERENTIAL_SEED'];

/** A run that nobody has seen before, or with `DIFFERENTIAL_SEED` one that somebody wants to see again. */
export const FRESH_SEED = asked === undefined ? randomInt(2 ** 31) : Number(asked);
if (!Number.isInteger(FRESH_SEED))
  throw new Error(`DIFFERENTIAL_SEED is no whole number: ${String(asked)}`);

/** How long the fresh run is; `DIFFERENTIAL_MESSAGES` makes a night of it. */
export const FRESH_MESSAGES = Number(process.env['DIFFERENTIAL_MESSAGES'] ?? 200_000);
