import type { Situation } from '../http/answer-table.ts';
import { nominations } from '../http/nominations.ts';
import type { FieldNames } from '../http/field-names.ts';
import { REFUSAL_STATUS, type Refusal } from '../wire/refusals.ts';
import { RequestHead } from '../wire/request-head.ts';
import { readRequestHead } from '../wire/request-parser.ts';
import type { Exchange } from './exchange.ts';
import type { ExplainOrder, Explanation } from './explanation.ts';
import { PaperForwarder } from './paper-forwarder.ts';
import { PaperLane, type LaneOrder } from './paper-lane.ts';
import type { Pipeline, PipelineParts } from './pipeline.ts';
import { removalOf } from './removal.ts';
import { ListenerCounters } from '../wire/counters.ts';

export interface ExplainParts {
  readonly listener: PipelineParts['listener'];
  readonly names: FieldNames;
  readonly clock: PipelineParts['clock'];
  /** The pipeline of the listener with this phase in place of the one that forwards. */
  readonly createPipeline: (forwarder: PaperForwarder) => Pipeline;
  /** The situation that the pipeline answered last; null: none. */
  readonly situation: () => Situation | null;
  /** Whether it would have got a token that is not known here. */
  readonly isTokenMissed: () => boolean;
}

/** Sends one request through the pipeline's own decision and serialiser, and tells what came of it. */
export async function explain(parts: ExplainParts, order: ExplainOrder): Promise<Explanation> {
  const { listener, names } = parts;
  const head = new RequestHead();
  const lane = new PaperLane(
    { address: order.from, listener: listener.name, isSecure: listener.isSecure, told: null },
    new ListenerCounters(listener.name),
  );
  const refusal = readHead(order.head, listener.limits, names, head);
  if (refusal !== null) return told(parts, order, head, null, { kind: 'refuse', refusal });
  const pipeline = parts.createPipeline(
    new PaperForwarder(parts.clock, (_exchange, text) => lane.forward(text)),
  );
  const exchange = pipeline.open(lane, head);
  exchange.begin();
  const laneOrder = await lane.told;
  // Whatever is still under way for it finds that nobody waits any more.
  exchange.isEnded = true;
  return told(parts, order, head, exchange, laneOrder);
}

function readHead(
  text: string,
  limits: PipelineParts['listener']['limits'],
  names: FieldNames,
  head: RequestHead,
): Refusal | null {
  if (text.length > limits.headBytesMax) return 'head-too-large';
  return readRequestHead(text, text.length - 4, limits, names, head);
}

/** No handshake is made up: who knows what a client would show in it. */
const handshakeNote =
  'this listener speaks TLS: a Host that the handshake did not name would be answered 421, ' +
  'and fields about a client certificate are added to those below';
const tokenNote =
  'the token is not in this process: the store or the token service would be asked, and may refuse';

function told(
  { isTokenMissed, listener, situation }: ExplainParts,
  order: ExplainOrder,
  head: RequestHead,
  exchange: Exchange | null,
  laneOrder: LaneOrder,
): Explanation {
  const { method, target } = head;
  const route = exchange?.route ?? null;
  const principal = exchange?.live?.session.principal ?? exchange?.bearer?.principal ?? null;
  const common = {
    listener: listener.name,
    method,
    target,
    path: exchange?.path ?? '',
    client: exchange?.clientAddress ?? order.from,
    route: route?.config.id ?? null,
    policy: route && {
      auth: route.config.auth,
      require: route.config.require,
      rateLimits: route.config.rateLimits,
    },
    principal: principal && {
      subject: principal.subject,
      directory: principal.directory,
      role: principal.role,
      groups: principal.groups,
    },
    server: exchange?.server?.address.name ?? null,
    removed: [],
    head: null,
    notes: [
      ...(listener.tls === null ? [] : [handshakeNote]),
      ...(isTokenMissed() ? [tokenNote] : []),
    ],
  };
  switch (laneOrder.kind) {
    case 'refuse': {
      const { refusal } = laneOrder;
      return { ...common, decision: 'refused', reason: refusal, status: REFUSAL_STATUS[refusal] };
    }
    case 'reply': {
      const own = route?.target.kind === 'endpoint' ? `endpoint ${route.target.name}` : 'respond';
      const said = situation();
      // What an endpoint would say depends on what it does, and nothing is done here.
      const isEndpoint = said === null && route?.target.kind === 'endpoint';
      const status = isEndpoint ? null : laneOrder.reply.status;
      return { ...common, decision: 'answered', reason: said ?? own, status };
    }
    case 'forward':
      return {
        ...common,
        decision: 'forwarded',
        reason: route?.target.kind === 'upstream' ? route.target.target.group.config.name : '',
        status: null,
        removed: removedFrom(head, exchange),
        head: laneOrder.head,
      };
  }
}

function removedFrom(head: RequestHead, exchange: Exchange | null): Explanation['removed'] {
  const route = exchange?.route;
  if (route?.target.kind !== 'upstream') return [];
  const { target } = route;
  const nominated = nominations(head.nominated);
  return Array.from({ length: head.fields.count }, (_, index) => index).flatMap((index) => {
    const name = head.fields.name(index);
    const why = removalOf(name, nominated, route, target);
    return why === null ? [] : [{ name: name.raw, value: head.fields.value(index), why }];
  });
}
