import type { BenchResult } from '../results/result-file.ts';

/** What has to be the same for figures to be compared; Node and commit may be what one wants to know about. */
const facts = ['cpu', 'cores', 'kernel'] as const;

/** One sentence for each fact in which two machines, or two ways of measuring, differ. */
export function machineDifferences(before: BenchResult, after: BenchResult): readonly string[] {
  const machines = facts.flatMap((fact) => {
    const [one, other] = [before.machine[fact], after.machine[fact]];
    return one === other ? [] : [`${fact}: ${String(one)}, then ${String(other)}`];
  });
  const [pinned, then] = [before.settings.pinning, after.settings.pinning];
  return pinned === then ? machines : [...machines, `pinning: ${pinned}, then ${then}`];
}
