/** So many others are measured between two measurements of the yardstick. */
const othersBetween = 5;

/**
 * Who is measured when in a pass: everybody once, and the yardstick, whom all the others are compared with, again before
 * every fifth of them. It is in every ratio, so what chance does to its figure would be in all of them. Whoever has no
 * yardstick among them comes as they are.
 */
export function passOrder(ids: readonly string[], yardstick?: string): string[] {
  const others = ids.filter((id) => id !== yardstick);
  if (yardstick === undefined || others.length === ids.length) return others;
  const groups = Array.from({ length: Math.max(1, Math.ceil(others.length / othersBetween)) });
  return groups.flatMap((_, group) => [
    yardstick,
    ...others.slice(group * othersBetween, (group + 1) * othersBetween),
  ]);
}
