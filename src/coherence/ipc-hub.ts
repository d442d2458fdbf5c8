import type { Clock } from '../lib/clock.ts';
import type { Member } from '../session/commit.ts';
import type { IpcMembers, IpcMessage } from './ipc-message.ts';

/** A worker as the hub needs it. */
export interface HubPeer {
  tell(message: IpcMessage): void;
}

/** The primary's part of the bus between its workers: who is there, and who is told what. */
export class IpcHub<Peer extends HubPeer> {
  readonly #members = new Map<Peer, Member>();
  readonly #clock: Clock;
  readonly #wholeFromMs: number;
  /** Those that ended when nobody was there to be told. */
  #unmourned: string[] = [];

  /**
   * `boundMs`: for so long after the start workers of a primary that was killed may still be there, which nobody here knows
   * of. Their leases have ended then, and they take no new ones.
   */
  constructor(clock: Clock, boundMs: number) {
    this.#clock = clock;
    this.#wholeFromMs = clock.monotonic() + boundMs;
  }

  join(peer: Peer, member: Member): true {
    this.#members.set(peer, member);
    for (const worker of this.#unmourned.splice(0)) peer.tell({ kind: 'left', worker });
    return true;
  }

  leave(peer: Peer): void {
    this.#members.delete(peer);
  }

  /** Null: there may be others. */
  members(): IpcMembers {
    if (this.#clock.monotonic() < this.#wholeFromMs) return null;
    return [...this.#members.values()];
  }

  /** To the one that it is for, or to all others. */
  relay(from: Peer, message: IpcMessage): void {
    for (const [peer, { worker }] of this.#members) {
      const isMeant = message.kind === 'acknowledged' ? worker === message.revoker : peer !== from;
      if (isMeant) peer.tell(message);
    }
  }

  /** The process of a worker is gone, and its lease with it. */
  ended(peer: Peer): void {
    const member = this.#members.get(peer);
    if (member === undefined) return;
    this.#members.delete(peer);
    const { worker } = member;
    if (this.#members.size === 0) this.#unmourned.push(worker);
    for (const other of this.#members.keys()) other.tell({ kind: 'left', worker });
  }
}
