import * as z from 'zod';

const units: Readonly<Record<string, number>> = {
  GiB: 1_073_741_824,
  MiB: 1_048_576,
  KiB: 1_024,
};

const pattern = /^(?:unlimited|(\d{1,12})(KiB|MiB|GiB)?)$/;

/**
 * A size such as `16KiB` or `1MiB`, or a plain number of bytes; gives bytes. With
 * `isUnlimitedAllowed`, `unlimited` and 0 are the same and give 0.
 */
export function byteSize(bounds: { min: number; max: number; isUnlimitedAllowed?: true }) {
  const { min, max, isUnlimitedAllowed } = bounds;
  const example = formatByteSize(Math.min(Math.max(min, 16_384), max));
  const range = `a size such as ${example}, from ${formatByteSize(min)} to ${formatByteSize(max)}`;
  const error = isUnlimitedAllowed === undefined ? range : `${range}, or unlimited`;
  return z
    .union([z.string().regex(pattern, { error }), z.int({ error }).min(0, { error })], { error })
    .transform((value, check) => {
      const bytes = typeof value === 'number' ? value : bytesOf(value);
      const isUnlimited = isUnlimitedAllowed !== undefined && bytes === 0;
      const isRefusedWord = value === 'unlimited' && isUnlimitedAllowed === undefined;
      if (!isRefusedWord && (isUnlimited || (bytes >= min && bytes <= max))) return bytes;
      check.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}

/** `unlimited` is 0. */
function bytesOf(text: string): number {
  const [, amount = '0', unit] = pattern.exec(text) ?? [];
  return Number(amount) * (unit === undefined ? 1 : (units[unit] ?? 1));
}

/** The shortest spelling: 16384 is `16KiB`. */
export function formatByteSize(bytes: number): string {
  for (const [unit, size] of Object.entries(units)) {
    if (bytes > 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
