import { setImmediate } from 'node:timers/promises';
import { differenceBySplit, differenceFromNode } from './difference.ts';
import { NodeReader } from './node-reader.ts';
import { readPieces, readWhole } from './our-reader.ts';
import type { Reading } from './reading.ts';
import { sampleOf, type Sample } from './sample.ts';
import { shortened } from './shortened.ts';

/** What a run came to. */
export interface Tally {
  messages: number;
  /** Messages whose first request we accept whole, up to its last octet. */
  accepted: number;
  /** Messages of which we accept a second request, too. */
  acceptedTwice: number;
  readonly refusals: Map<string, number>;
}

/** A message that is read differently. */
export interface Finding {
  readonly index: number;
  readonly problem: string;
  readonly sample: Sample;
}

const nodeReader = new NodeReader();

/** What is wrong with our reading of a sample, or null. */
function problemOf(sample: Sample, seen?: (ours: Reading) => void): string | null {
  const bytes = Buffer.from(sample.text, 'latin1');
  try {
    const whole = readWhole(bytes, sample.isStrict);
    seen?.(whole);
    const bySplit = differenceBySplit(whole, readPieces(bytes, sample));
    return bySplit ?? differenceFromNode(whole, nodeReader.read(bytes));
  } catch (error) {
    return `thrown: ${String(error)}`;
  }
}

export const newTally = (): Tally => ({
  messages: 0,
  accepted: 0,
  acceptedTwice: 0,
  refusals: new Map(),
});

/** Reads messages `from` … `to` − 1 of a seed, up to the first that is read differently. */
export function run(seed: number, from: number, to: number, tally: Tally): Finding | null {
  const note = (ours: Reading): void => {
    tally.messages++;
    if (ours.requests[0]?.isWhole === true) tally.accepted++;
    if (ours.requests[1]?.isWhole === true) tally.acceptedTwice++;
    if (ours.end === 'refused')
      tally.refusals.set(ours.reason, (tally.refusals.get(ours.reason) ?? 0) + 1);
  };
  for (let index = from; index < to; index++) {
    const sample = sampleOf(seed, index);
    const problem = problemOf(sample, note);
    if (problem !== null) return { index, problem, sample };
  }
  return null;
}

const SLICE = 5000;

/** Reads `messages` of a seed, and throws what is needed to see the first failure again. */
export async function runThrough(seed: number, messages: number): Promise<Tally> {
  const tally = newTally();
  for (let from = 0; from < messages; from += SLICE) {
    const finding = run(seed, from, Math.min(messages, from + SLICE), tally);
    if (finding !== null) throw new Error(reportOf(seed, finding));
    await setImmediate(); // whoever runs this test wants to hear from it
  }
  return tally;
}

/** All that is needed to see the failure again, and the least text that still shows it. */
function reportOf(seed: number, { index, problem, sample }: Finding): string {
  const short = shortened(sample, (smaller) => problemOf(smaller) !== null);
  const bytes = Buffer.from(short.text, 'latin1');
  return JSON.stringify(
    {
      seed,
      index,
      problem,
      sample,
      shortened: { ...short, problem: problemOf(short) },
      ours: readWhole(bytes, short.isStrict),
      node: nodeReader.read(bytes),
    },
    [
      'seed',
      'index',
      'problem',
      'sample',
      'text',
      'cuts',
      'pace',
      'isStrict',
      'shortened',
      'ours',
      'node',
      'requests',
      'method',
      'target',
      'version',
      'fields',
      'body',
      'isWhole',
      'end',
      'reason',
    ],
    1,
  );
}
