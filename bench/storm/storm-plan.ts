import { SeededRandom } from './seeded-random.ts';

/** Where the client gives up. `never`: it reads its answer to the end. */
export type ClientCut = 'never' | 'head' | 'body' | 'waiting' | 'response';

/** How it gives up: a close, a reset, or an end of its own half while it still reads. */
export type ClientEnd = 'close' | 'reset' | 'half-close';

/** What the upstream does with the request. */
export type UpstreamDeed =
  | 'answer'
  | 'answer-chunked'
  | 'answer-early'
  | 'answer-late'
  | 'silence'
  | 'close-at-head'
  | 'reset-at-head'
  | 'close-in-head'
  | 'reset-in-head'
  | 'close-in-body'
  | 'reset-in-body'
  | 'refuse';

export type RequestBody = 'none' | 'length' | 'chunked';

/** One request of the storm: all of it follows from the seed and its number. */
export interface StormPlan {
  readonly body: RequestBody;
  readonly bodyBytes: number;
  readonly answerBytes: number;
  readonly deed: UpstreamDeed;
  readonly cut: ClientCut;
  readonly end: ClientEnd;
  /** How far into the stretch that `cut` names, from 0 to 1. */
  readonly cutShare: number;
  /** Pieces in which the request is written. */
  readonly pieces: number;
  readonly isForged: boolean;
  /** Whether the connection is kept for the next request, if it still can be. */
  readonly isKept: boolean;
}

const cuts: Readonly<Record<ClientCut, number>> = {
  never: 35,
  head: 10,
  body: 15,
  waiting: 20,
  response: 20,
};

const ends: Readonly<Record<ClientEnd, number>> = { close: 50, reset: 35, 'half-close': 15 };

const deeds: Readonly<Record<UpstreamDeed, number>> = {
  answer: 25,
  'answer-chunked': 15,
  'answer-early': 8,
  'answer-late': 8,
  silence: 2,
  'close-at-head': 7,
  'reset-at-head': 7,
  'close-in-head': 5,
  'reset-in-head': 5,
  'close-in-body': 7,
  'reset-in-body': 7,
  refuse: 4,
};

const bodies: Readonly<Record<RequestBody, number>> = { none: 50, length: 25, chunked: 25 };

/** Most bodies are small; some are more than what sockets buffer, so that somebody is waiting when it breaks. */
function bodyBytes(random: SeededRandom): number {
  return random.chance(0.1) ? random.whole(1, 1_000_000) : random.whole(1, 20_000);
}

export function planRequest(seed: number, number: number): StormPlan {
  const random = new SeededRandom(Math.imul(seed, 0x01000193) ^ Math.imul(number, 0x9e3779b1));
  const body = random.pick(bodies);
  const cut = random.pick(cuts);
  return {
    body,
    bodyBytes: body === 'none' ? 0 : bodyBytes(random),
    answerBytes: bodyBytes(random),
    deed: random.pick(deeds),
    cut: cut === 'body' && body === 'none' ? 'head' : cut,
    end: random.pick(ends),
    cutShare: random.next(),
    pieces: random.whole(1, 3),
    isForged: random.chance(0.05),
    isKept: random.chance(0.5),
  };
}
