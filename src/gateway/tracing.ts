import type { TracingConfig } from '../config/tracing.ts';
import { FieldId } from '../http/field-names.ts';
import { passedTraceState, readTraceParent, type TraceParent } from '../http/trace-context.ts';
import type { AddressSet } from '../lib/address-set.ts';
import type { Exchange } from './exchange.ts';
import { nextSpanId } from './span-id.ts';

/**
 * The trace that a request belongs to, for upstreams and the access log. One that begins here has the id of the request,
 * which is as random as a trace id has to be: one word to look for in every log.
 */
export class Tracing {
  readonly #config: TracingConfig;
  readonly #proxies: AddressSet;
  readonly #ownFlags: string;

  constructor(config: TracingConfig, proxies: AddressSet) {
    this.#config = config;
    this.#proxies = proxies;
    this.#ownFlags = config.sampled ? '01' : '00';
  }

  get isOn(): boolean {
    return this.#config.traceparent;
  }

  /** Of a request that is over. Empty where nobody is to know. */
  idOf(exchange: Exchange): string {
    if (!this.#config.traceparent) return '';
    if (exchange.traceId === '') this.#enter(exchange);
    return exchange.traceId;
  }

  /** The lines for an upstream; those of the client are taken out. */
  lines(exchange: Exchange): string {
    if (!this.#config.traceparent) return '';
    const parent = this.#enter(exchange);
    const flags = parent?.flags ?? this.#ownFlags;
    const line = `traceparent: 00-${exchange.traceId}-${nextSpanId()}-${flags}\r\n`;
    const state = parent === null ? '' : stateOf(exchange);
    return state === '' ? line : `${line}tracestate: ${state}\r\n`;
  }

  /** Null: a new trace begins here. */
  #enter(exchange: Exchange): TraceParent | null {
    const { fields } = exchange.head;
    let at = -1;
    let count = 0;
    for (let index = 0; index < fields.count; index++) {
      const { id } = fields.name(index);
      if (id !== FieldId.traceparent && id !== FieldId.tracestate) continue;
      fields.drop(index);
      if (id === FieldId.tracestate) continue;
      at = index;
      count++;
    }
    // Two of them are two opinions.
    const isContinued = count === 1 && this.#isContinued(exchange.lane.peer.address);
    const parent = isContinued ? readTraceParent(fields.value(at)) : null;
    exchange.traceId = parent?.traceId ?? exchange.requestId;
    return parent;
  }

  #isContinued(address: string): boolean {
    return this.#config.continueFrom === 'everybody' || this.#proxies.has(address);
  }
}

function stateOf({ head: { fields } }: Exchange): string {
  const values: string[] = [];
  for (let index = 0; index < fields.count; index++) {
    if (fields.name(index).id === FieldId.tracestate) values.push(fields.value(index));
  }
  return values.length === 0 ? '' : passedTraceState(values);
}
