import { UsageError } from './usage-error.ts';

/** The value of an option that takes a whole number. */
export function wholeNumber(
  name: string,
  text: string,
  range: { readonly least: number; readonly most: number },
): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < range.least || value > range.most) {
    const { least, most } = range;
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}
