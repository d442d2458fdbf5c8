import { mutateOctets } from './octet-mutations.ts';
import { pervert } from './perversions.ts';
import { Random, seedOf } from './random.ts';
import { textOf } from './request-draft.ts';
import { soundRequest } from './sound-request.ts';

/** How the reader's owner behaves: at once, later, or with pauses. None of it may change what is read. */
export const Pace = { prompt: 0, late: 1, heldUp: 2 } as const;
export type Pace = (typeof Pace)[keyof typeof Pace];

/** What comes on one connection, and how it comes. */
export interface Sample {
  /** One or more requests, one octet a character. */
  readonly text: string;
  /** Where the pieces begin in which it arrives; rising. */
  readonly cuts: readonly number[];
  readonly pace: Pace;
  /** Of a listener that is `strict`. */
  readonly isStrict: boolean;
}

export function sampleOf(runSeed: number, index: number): Sample {
  const random = new Random(seedOf(runSeed, index));
  let text = request(random, 50);
  while (random.chance(40)) text += request(random, 15);
  if (random.chance(25)) text = mutateOctets(random, text);
  return {
    text,
    cuts: cutsOf(random, text),
    pace: random.pick([Pace.prompt, Pace.late, Pace.heldUp]),
    isStrict: random.chance(25),
  };
}

/** A request that is spoilt `percent` times in a hundred. */
function request(random: Random, percent: number): string {
  const draft = soundRequest(random);
  if (random.chance(percent)) {
    do pervert(random, draft);
    while (random.chance(20));
  }
  return textOf(draft);
}

function cutsOf(random: Random, text: string): number[] {
  const cuts = new Set<number>();
  if (text.length < 600 && random.chance(5)) {
    for (let at = 1; at < text.length; at++) cuts.add(at);
  }
  for (let count = random.below(5); count > 0; count--) cuts.add(random.below(text.length + 1));
  // Line ends are where a state is kept from one piece to the next.
  for (let count = random.below(3); count > 0; count--) {
    const lineEnd = text.indexOf('\r\n', random.below(text.length + 1));
    if (lineEnd >= 0) cuts.add(lineEnd + random.below(5));
  }
  return [...cuts].filter((at) => at > 0 && at < text.length).toSorted((one, other) => one - other);
}
