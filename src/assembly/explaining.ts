import type { ControlAnswer, ExplainingOrder } from '../admin/control-order.ts';
import { maskedExplanation } from '../gateway/masked-explanation.ts';
import { explainRequest } from './explainer.ts';
import type { Shared } from './shared.ts';

/** What `portcullis explain` is told: without anything that would let its reader in. */
export async function performExplaining(
  shared: Shared,
  order: ExplainingOrder,
): Promise<ControlAnswer> {
  const explanation = await explainRequest(shared, order);
  if (explanation === null) {
    return { kind: 'refused', sentence: `there is no listener ${JSON.stringify(order.listener)}` };
  }
  const fields = shared.parts.config.tokenCaches.map(({ field }) => field);
  return { kind: 'done', value: maskedExplanation(explanation, fields) };
}
