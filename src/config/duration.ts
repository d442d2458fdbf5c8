import * as z from 'zod';

const units: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

const pattern = /^(?:0|(\d{1,9})(ms|s|m|h|d))$/;

/**
 * A time such as `500ms`, `10s`, `30m`, `12h` or `7d`; gives milliseconds. A number without a unit
 * is refused, because everybody guesses another one. `zero` says what 0 means where it is allowed
 * below `min`.
 */
export function duration(bounds: { min: string; max: string; zero?: string }) {
  const min = millisecondsOf(bounds.min);
  const max = millisecondsOf(bounds.max);
  const range = `a duration such as ${exampleWithin(min, max)}, from ${bounds.min} to ${bounds.max}`;
  const error = bounds.zero === undefined ? range : `${range}, or 0 for ${bounds.zero}`;
  return z
    .union([z.string().regex(pattern, { error }), z.literal(0)], { error })
    .transform((value, check) => {
      const milliseconds = value === 0 ? 0 : millisecondsOf(value);
      const isZero = milliseconds === 0 && bounds.zero !== undefined;
      if (isZero || (milliseconds >= min && milliseconds <= max)) return milliseconds;
      check.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}

function millisecondsOf(text: string): number {
  const [, amount = '0', unit = 'ms'] = pattern.exec(text) ?? [];
  return Number(amount) * (units[unit] ?? 1);
}

/** The shortest spelling: 1800000 is `30m`. */
export function formatDuration(milliseconds: number): string {
  for (const [unit, length] of Object.entries(units)) {
    if (milliseconds > 0 && milliseconds % length === 0) return `${milliseconds / length}${unit}`;
  }
  return '0';
}

function exampleWithin(min: number, max: number): string {
  const example = ['30s', '12h', '500ms'].find((text) => {
    const milliseconds = millisecondsOf(text);
    return milliseconds >= min && milliseconds <= max;
  });
  return example ?? formatDuration(min);
}
