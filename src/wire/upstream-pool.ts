import type { UpstreamConfig } from '../config/upstream.ts';
import type { FieldNames } from '../http/field-names.ts';
import type { UpstreamCounters } from './counters.ts';
import type { Deadlines, Timed } from './deadlines.ts';
import { UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamConnectionOwner } from './upstream-connection-owner.ts';
import type { UpstreamBudget } from './upstream-budget.ts';
import type { UpstreamFailure } from './upstream-failure.ts';
import type { UpstreamAddress } from './upstream-socket.ts';

/** Somebody who wants a connection. Told exactly once, perhaps before `acquire` returns. */
export interface UpstreamWaiter {
  upstreamReady(connection: UpstreamConnection): void;
  /** It may open a connection of its own, and says `giveBack` when that is over. */
  upstreamPlaceReady(): void;
  upstreamFailed(failure: UpstreamFailure): void;
}

interface QueueEntry {
  readonly waiter: UpstreamWaiter;
  readonly deadlineMs: number;
  readonly isForPlace: boolean;
}

/** The connections to one upstream server: the most recently used idle one first, so that surplus ones grow old and go. */
export class UpstreamPool implements UpstreamConnectionOwner, Timed {
  readonly address: UpstreamAddress;
  readonly config: UpstreamConfig;
  readonly names: FieldNames;
  readonly deadlines: Deadlines;
  readonly counters: UpstreamCounters;
  deadlineMs = Infinity;
  readonly #idle: UpstreamConnection[] = [];
  readonly #opening = new Map<UpstreamConnection, UpstreamWaiter | null>();
  #queue: QueueEntry[] = [];
  #connectionsMax: number;
  #isStopped = false;
  readonly #budget: UpstreamBudget | undefined;

  /** `connectionsMax`: the configured one, or less where the descriptors of the process are fewer. */
  constructor(parts: {
    address: UpstreamAddress;
    config: UpstreamConfig;
    connectionsMax: number;
    names: FieldNames;
    deadlines: Deadlines;
    counters: UpstreamCounters;
    budget?: UpstreamBudget;
  }) {
    this.#budget = parts.budget;
    parts.budget?.join(this);
    this.address = parts.address;
    this.config = parts.config;
    this.names = parts.names;
    this.deadlines = parts.deadlines;
    this.counters = parts.counters;
    this.#connectionsMax = parts.connectionsMax;
  }

  /** `isFresh`: not one that has waited; a server that closed one idle connection has probably closed them all. */
  acquire(waiter: UpstreamWaiter, isFresh: boolean): void {
    if (!isFresh) {
      let connection = this.#idle.pop();
      while (connection !== undefined) {
        this.counters.idle--;
        if (connection.isUsable) break;
        connection = this.#idle.pop();
      }
      if (connection !== undefined) {
        this.counters.reuses++;
        waiter.upstreamReady(connection);
        return;
      }
    }
    if (this.counters.open < this.#connectionsMax) this.#open(waiter);
    else this.#enqueue(waiter, false);
  }

  /** For somebody who makes the connection himself (a WebSocket's): it counts as all others do. */
  acquirePlace(waiter: UpstreamWaiter): void {
    if (this.counters.open < this.#connectionsMax) this.#give(waiter);
    else if (this.#idle.length > 0) {
      this.counters.open++; // instead of the one that goes, whose end is told later
      this.dropOldest();
      waiter.upstreamPlaceReady();
    } else this.#enqueue(waiter, true);
  }

  giveBack(): void {
    this.counters.open--;
    this.#serveNext();
  }

  /** The waiter has gone; a connection that is being opened for it will serve somebody else. */
  cancel(waiter: UpstreamWaiter): void {
    for (const [connection, opener] of this.#opening) {
      if (opener === waiter) this.#opening.set(connection, null);
    }
    const before = this.#queue.length;
    this.#queue = this.#queue.filter((entry) => entry.waiter !== waiter);
    this.counters.waiting -= before - this.#queue.length;
  }

  opened(connection: UpstreamConnection): void {
    const waiter = this.#opening.get(connection) ?? null;
    this.#opening.delete(connection);
    if (waiter !== null) waiter.upstreamReady(connection);
    else this.released(connection);
  }

  released(connection: UpstreamConnection): void {
    const [next] = this.#queue;
    if (next !== undefined && !next.isForPlace) {
      this.#queue.shift();
      this.counters.waiting--;
      this.counters.reuses++;
      next.waiter.upstreamReady(connection);
      return;
    }
    if (next !== undefined) {
      connection.abandon(); // its place is what is wanted
      return;
    }
    const { idleConnectionsMax, keepAliveMs } = this.config;
    if (this.#isStopped || keepAliveMs === 0 || this.#idle.length >= idleConnectionsMax) {
      connection.abandon();
      return;
    }
    connection.rest();
    this.#idle.push(connection);
    this.counters.idle++;
  }

  closed(connection: UpstreamConnection, failure: UpstreamFailure): void {
    const at = this.#idle.indexOf(connection);
    if (at >= 0) {
      this.#idle.splice(at, 1);
      this.counters.idle--;
    }
    const waiter = this.#opening.get(connection);
    this.#opening.delete(connection);
    if (waiter) waiter.upstreamFailed(failure);
    this.#serveNext();
  }

  expire(nowMs: number): void {
    const late = this.#queue.filter((entry) => entry.deadlineMs <= nowMs);
    this.#queue = this.#queue.filter((entry) => entry.deadlineMs > nowMs);
    this.#watchQueue();
    this.counters.waiting -= late.length;
    for (const entry of late) entry.waiter.upstreamFailed('queue-timeout');
  }

  dropOldest(): void {
    const oldest = this.#idle.shift();
    if (oldest === undefined) return;
    this.counters.idle--;
    oldest.abandon();
  }

  /** Closes what is idle now and everything else after its exchange. */
  stop(): void {
    this.#isStopped = true;
    for (const connection of [...this.#idle]) connection.abandon();
    this.#leaveBudget();
  }

  #open(waiter: UpstreamWaiter): void {
    this.#budget?.makeRoom();
    this.counters.connects++;
    this.#opening.set(new UpstreamConnection(this), waiter);
  }

  #give(waiter: UpstreamWaiter): void {
    this.#budget?.makeRoom();
    this.counters.open++;
    waiter.upstreamPlaceReady();
  }

  #serveNext(): void {
    if (this.counters.open < this.#connectionsMax) {
      const next = this.#queue.shift();
      if (next !== undefined) {
        this.counters.waiting--;
        if (next.isForPlace) this.#give(next.waiter);
        else this.#open(next.waiter);
      }
    }
    this.#leaveBudget();
  }

  /** A server that has left its group is forgotten when its last connection has gone. */
  #leaveBudget(): void {
    if (this.#isStopped && this.counters.open === 0) this.#budget?.leave(this);
  }

  #enqueue(waiter: UpstreamWaiter, isForPlace: boolean): void {
    if (this.#queue.length >= this.config.queueMax) {
      waiter.upstreamFailed('queue-full');
      return;
    }
    const deadlineMs = this.deadlines.nowMs + this.config.connectTimeoutMs;
    this.#queue.push({ waiter, deadlineMs, isForPlace });
    this.counters.waiting++;
    this.#watchQueue();
  }

  #watchQueue(): void {
    const first = this.#queue[0];
    this.deadlineMs = first?.deadlineMs ?? Infinity;
    if (first === undefined) this.deadlines.remove(this);
    else this.deadlines.add(this);
  }
}
