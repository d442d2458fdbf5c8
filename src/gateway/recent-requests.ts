import type { ExplainConfig } from '../config/explain.ts';
import type { Outcome } from '../wire/lane.ts';
import type { RequestHead } from '../wire/request-head.ts';
import type { Exchange } from './exchange.ts';

/** A request that has been answered. */
export interface RecentRequest {
  readonly requestId: string;
  readonly listener: string;
  /** Where its connection came from. */
  readonly from: string;
  /** Latin1, with its empty line. It holds secrets. */
  readonly head: string;
  readonly status: number;
  readonly outcome: Outcome;
}

/** Null: none are to be remembered. */
export function createRecentRequests({ recentRequests }: ExplainConfig): RecentRequests | null {
  return recentRequests > 0 ? new RecentRequests(recentRequests) : null;
}

/** The last requests of a worker. To note one is a copy of its head, and writes into lists that are there. */
export class RecentRequests {
  readonly #size: number;
  readonly #ids: string[] = [];
  readonly #listeners: string[] = [];
  readonly #addresses: string[] = [];
  readonly #texts: string[] = [];
  readonly #statuses: number[] = [];
  readonly #outcomes: Outcome[] = [];
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  note(exchange: Exchange, outcome: Outcome, status: number): void {
    const at = this.#next;
    const { peer } = exchange.lane;
    this.#ids[at] = exchange.requestId;
    this.#listeners[at] = peer.listener;
    this.#addresses[at] = peer.address;
    this.#texts[at] = headOf(exchange.head);
    this.#statuses[at] = status;
    this.#outcomes[at] = outcome;
    this.#next = at + 1 === this.#size ? 0 : at + 1;
  }

  find(requestId: string): RecentRequest | null {
    const at = this.#ids.indexOf(requestId);
    const [text, outcome] = [this.#texts[at], this.#outcomes[at]];
    if (text === undefined || outcome === undefined) return null;
    return {
      requestId,
      listener: this.#listeners[at] ?? '',
      from: this.#addresses[at] ?? '',
      head: text,
      status: this.#statuses[at] ?? 0,
      outcome,
    };
  }
}

/** Without what came with it: passwords of a login, requests of others. A slice would keep all of it alive. */
function headOf({ fields, isChunked }: RequestHead): string {
  const { text } = fields;
  const end = text.indexOf('\r\n\r\n');
  const lines = end < 0 ? text : text.slice(0, end);
  // On HTTP/2 a body says by its frames that it has no length.
  const framing = isChunked && !CODING.test(lines) ? '\r\nTransfer-Encoding: chunked' : '';
  return Buffer.from(`${lines}${framing}\r\n\r\n`, 'latin1').toString('latin1');
}

const CODING = /\r\ntransfer-encoding:/i;
