import type { Held } from './held.ts';

/** Two looks at one gateway, both while nobody asks it anything. */
export interface Endured {
  readonly gateway: string;
  readonly afterFirstSixth: Held;
  readonly atTheEnd: Held;
}

export interface SoakFigures {
  readonly endured: readonly Endured[];
  /** Of what is asked without being broken off. */
  readonly firstThirdP99Ms: number;
  readonly lastThirdP99Ms: number;
  /** Of the same, asked at the same time of the upstream itself. */
  readonly firstThirdDirectMs: number;
  readonly lastThirdDirectMs: number;
  readonly asked: number;
  /** What was not answered as it should be. */
  readonly failed: number;
}

/** One line of the report. */
export interface Finding {
  readonly what: string;
  readonly isMet: boolean;
}

const GROWTH_MAX = 1.1;
const SLOWING_MAX = 1.5;
/** How much slower than in the first third the machine itself is believed to be. */
const MACHINE_MAX = 1.5;
/** Of everything that was asked. */
const FAILED_SHARE_MAX = 0.001;

/** What the figures say, one finding each. */
export function findingsOf(figures: SoakFigures): readonly Finding[] {
  const { asked, failed, firstThirdP99Ms, lastThirdP99Ms } = figures;
  const { firstThirdDirectMs, lastThirdDirectMs } = figures;
  // A machine that has become slower with other work makes everything slower; but only so much is believed of that.
  const machine = Math.min(MACHINE_MAX, Math.max(1, lastThirdDirectMs / firstThirdDirectMs));
  return [
    ...figures.endured.flatMap(({ afterFirstSixth: before, atTheEnd: after, gateway }) => [
      growth(`${gateway}: heap after collection`, before.heapBytes, after.heapBytes, mebibytes),
      growth(`${gateway}: descriptors`, before.descriptors, after.descriptors, String),
    ]),
    {
      what: `p99: ${firstThirdP99Ms.toFixed(2)} ms in the first third, ${lastThirdP99Ms.toFixed(2)} ms in the last (× ${ratio(firstThirdP99Ms, lastThirdP99Ms)}, at most ${String(SLOWING_MAX)}; past the gateway × ${ratio(firstThirdDirectMs, lastThirdDirectMs)})`,
      isMet: firstThirdP99Ms > 0 && lastThirdP99Ms <= firstThirdP99Ms * SLOWING_MAX * machine,
    },
    {
      what: `${String(failed)} of ${String(asked)} requests were not answered as they should be`,
      isMet: asked > 0 && failed <= asked * FAILED_SHARE_MAX,
    },
  ];
}

function growth(
  what: string,
  before: number,
  after: number,
  text: (value: number) => string,
): Finding {
  return {
    what: `${what}: ${text(before)} after the first sixth, ${text(after)} at the end (× ${ratio(before, after)}, at most ${String(GROWTH_MAX)})`,
    isMet: before > 0 && after <= before * GROWTH_MAX,
  };
}

function ratio(before: number, after: number): string {
  return (after / before).toFixed(2);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
