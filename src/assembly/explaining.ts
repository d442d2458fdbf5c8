import type { ControlAnswer, ExplainingOrder, RecentOrder } from '../admin/control-order.ts';
import type { ExplainOrder, Explanation } from '../gateway/explanation.ts';
import { maskedExplanation } from '../gateway/masked-explanation.ts';
import { isControlAnswer, silent } from './ask-workers.ts';
import type { Shared } from './shared.ts';

/** What `portcullis explain` is told: without anything that would let its reader in. */
export async function performExplaining(
  shared: Shared,
  order: ExplainingOrder,
): Promise<ControlAnswer> {
  const value = await maskedOf(shared, order);
  if (value === 'late') return late;
  if (value !== null) return { kind: 'done', value };
  return { kind: 'refused', sentence: `there is no listener ${JSON.stringify(order.listener)}` };
}

/** The same of a request that has come. Null: another worker may remember it. */
export async function performRecent(
  shared: Shared,
  { requestId }: RecentOrder,
): Promise<ControlAnswer | null> {
  const request = shared.recent?.find(requestId) ?? null;
  if (request === null) return null;
  const { from, head, listener, outcome, status } = request;
  const explanation = await maskedOf(shared, { listener, port: null, from, head });
  if (explanation === 'late') return late;
  if (explanation === null) return null;
  return { kind: 'done', value: { ...explanation, recent: { requestId, status, outcome } } };
}

/** On the pipe between a worker and its primary: whether another worker remembers it. */
export const recentTopic = 'recent';

const answerMs = 30_000;

/** The same, by whichever worker of this node remembers it. */
export async function explainAnywhere(shared: Shared, order: RecentOrder): Promise<ControlAnswer> {
  const here = await performRecent(shared, order);
  if (here !== null) return here;
  const { seat } = shared.parts;
  if (seat === null) return notRemembered(order);
  const told = await seat.ask(recentTopic, order, answerMs);
  return isControlAnswer(told) ? told : silent;
}

/** Where all have been asked. */
export function notRemembered({ requestId }: RecentOrder): ControlAnswer {
  const sentence = `no worker remembers a request ${JSON.stringify(requestId)}; explain.recentRequests says how many are remembered`;
  return { kind: 'refused', sentence };
}

/** No other worker knows better. */
const late: ControlAnswer = {
  kind: 'unavailable',
  sentence: 'it could not be explained, for the session store or a directory does not answer',
};

async function maskedOf(shared: Shared, order: ExplainOrder): Promise<Explanation | 'late' | null> {
  // Somebody asks now and then; what answers is loaded then.
  const { explainRequest } = await import('./explainer.ts');
  let explanation;
  try {
    explanation = await explainRequest(shared, order);
  } catch (error) {
    shared.parts.log.debug('explain.failed', { detail: String(error) });
    return 'late';
  }
  const fields = shared.parts.config.tokenCaches.map(({ field }) => field);
  return explanation && maskedExplanation(explanation, fields);
}
