import type { ResultRatio } from './result-file.ts';

/** What is held to the limit: of a tail the quotient of medians, for a single round says little of it. */
export function judgedValue({ figure, median, ofMedians }: ResultRatio): number | null {
  return figure === 'p99Ms' ? (ofMedians ?? median) : median;
}
