import { Link, type LinkEnd } from '../lifecycle/link.ts';
import type { FromWorker, ToWorker, WorkerPlan } from '../lifecycle/link-message.ts';
import type { DrainOrder } from '../lifecycle/service.ts';
import type { SharedSocket, WorkerSeat } from './worker-seat.ts';

interface PrimaryEnd extends LinkEnd {
  once(name: 'disconnect', listener: () => void): unknown;
}

type Begin = Extract<ToWorker, { kind: 'begin' }>;

/** A worker's end of the pipe to its primary, and what came by it. */
export class PrimaryLink implements WorkerSeat {
  readonly begun: Promise<{ readonly place: number; readonly plan: WorkerPlan }>;
  /** Resolves with the first order to retire. */
  readonly retirement: Promise<DrainOrder>;
  /** Resolves when the primary has ended. */
  readonly lost: Promise<void>;
  onBroadcast: (body: unknown) => void = () => {};
  /** Before there are logs there is nothing to be done. */
  onReopenLogs: () => void = () => {};
  readonly #link: Link<FromWorker, ToWorker>;
  readonly #sockets = new Map<string, SharedSocket>();
  readonly #keys = new Map<string, Uint8Array>();
  readonly #renewals = new Map<string, (keys: Uint8Array) => void>();
  #place = 0;
  #begin: (message: Begin) => void = () => {};
  #retire: (order: DrainOrder) => void = () => {};
  #waiting: ((order: DrainOrder) => void)[] = [];

  constructor(end: PrimaryEnd) {
    this.begun = new Promise((resolve) => {
      this.#begin = ({ worker, plan, ticketKeys }) => {
        for (const [listener, keys] of Object.entries(ticketKeys)) this.#keys.set(listener, keys);
        this.#place = worker;
        resolve({ place: worker, plan });
      };
    });
    this.retirement = new Promise((resolve) => {
      this.#retire = resolve;
    });
    this.lost = new Promise((resolve) => end.once('disconnect', resolve));
    this.#link = new Link<FromWorker, ToWorker>(end, (message, handle) =>
      this.#received(message, handle),
    );
  }

  get place(): number {
    return this.#place;
  }

  socketOf(listener: string): SharedSocket {
    const socket = this.#sockets.get(listener);
    if (socket === undefined) throw new Error(`the primary sent no socket for ${listener}`);
    return socket;
  }

  ticketKeys(listener: string): Uint8Array | null {
    return this.#keys.get(listener) ?? null;
  }

  onTicketKeys(listener: string, renew: (keys: Uint8Array) => void): void {
    this.#renewals.set(listener, renew);
  }

  /** Resolves with an order that leaves less than this one. */
  stricter(than: DrainOrder): Promise<DrainOrder> {
    return new Promise((resolve) => {
      this.#waiting.push((order) => {
        if (than.keptRoutes !== null && order.keptRoutes === null) resolve(order);
      });
    });
  }

  /** Resolves when it has left this process. */
  async say(message: Exclude<FromWorker, { kind: 'question' | 'answer' }>): Promise<void> {
    await this.#link.sent(message);
  }

  broadcast(body: unknown): void {
    this.#link.send({ kind: 'broadcast', body });
  }

  ask(topic: string, body: unknown, timeoutMs: number): Promise<unknown> {
    return this.#link.ask(topic, body, timeoutMs);
  }

  answer(topic: string, answerer: (body: unknown) => unknown): void {
    this.#link.answer(topic, answerer);
  }

  #received(message: Exclude<ToWorker, { kind: 'question' | 'answer' }>, handle: unknown): void {
    switch (message.kind) {
      case 'listener':
        if (typeof handle === 'object' && handle !== null) {
          this.#sockets.set(message.listener, { native: handle, port: message.port });
        }
        break;
      case 'begin':
        this.#begin(message);
        break;
      case 'tickets':
        this.#keys.set(message.listener, message.keys);
        this.#renewals.get(message.listener)?.(message.keys);
        break;
      case 'retire':
        this.#retire(message.order);
        for (const hear of this.#waiting) hear(message.order);
        break;
      case 'reopenLogs':
        this.onReopenLogs();
        break;
      case 'broadcast':
        this.onBroadcast(message.body);
    }
  }
}
