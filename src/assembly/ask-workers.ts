import type { ControlAnswer, ControlOrder } from '../admin/control-order.ts';

const answerMs = 30_000;
/** More than the writer of a session file may take, and then the longest bound on staleness. */
const everybodyMs = 360_000;

/** The answer of a worker that does not know, where another may. */
export const unknownHere = 'unknown here';

/** A worker, as far as it is asked. */
export interface AskedWorker {
  readonly link: { ask(topic: string, body: unknown, timeoutMs: number): Promise<unknown> };
}

const nobody: ControlAnswer = {
  kind: 'unavailable',
  sentence: 'no worker answers at the moment',
};

/** Whoever has not answered may have known. */
export const silent: ControlAnswer = {
  kind: 'unavailable',
  sentence: 'a worker that may know does not answer at the moment',
};

/** For what may be done twice. `otherwise`: where every worker has answered that it cannot say. */
export async function askWorkers(
  serving: readonly AskedWorker[],
  topic: string,
  order: ControlOrder,
  otherwise: ControlAnswer = nobody,
): Promise<ControlAnswer> {
  let isSilent = false;
  for (const { link } of serving) {
    const answer = await link.ask(topic, order, answerMs);
    if (isControlAnswer(answer)) return answer;
    // One that ends meanwhile, or is too slow, answers null.
    isSilent ||= answer !== unknownHere;
  }
  return isSilent && otherwise !== nobody ? silent : otherwise;
}

/** For the end of everybody: whoever has logged in since the first time would be ended by a second. */
export async function askOneWorker(
  [worker]: readonly AskedWorker[],
  order: ControlOrder,
): Promise<ControlAnswer> {
  if (worker === undefined) return nobody;
  const answer = await worker.link.ask('sessions', order, everybodyMs);
  if (isControlAnswer(answer)) return answer;
  const sentence = 'the worker that was asked has not said whether the sessions have ended';
  return { kind: 'unavailable', sentence };
}

/** From the other end of a pipe of ours. */
export function isControlAnswer(value: unknown): value is ControlAnswer {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
