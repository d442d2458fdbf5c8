import type { Principal } from '../identity/principal.ts';
import type { ActorRecord } from './session.ts';
import type { StoredSession } from './session-store.ts';
import { SessionTimes } from './session-times.ts';

const firstVersion = 1;

/** A session as the memory store keeps it: a link in the chain of its user's sessions. */
export class MemoryRecord extends SessionTimes {
  readonly key: string;
  readonly principal: Principal;
  readonly actor: ActorRecord | null;
  older: MemoryRecord | null = null;
  newer: MemoryRecord | null = null;
  /** Among the records of everybody. */
  seenEarlier: MemoryRecord | null = null;
  seenLater: MemoryRecord | null = null;

  constructor(
    key: string,
    principal: Principal,
    actor: ActorRecord | null,
    createdAtMs: number,
    absoluteDeadlineMs: number,
  ) {
    super(createdAtMs, absoluteDeadlineMs, createdAtMs);
    this.key = key;
    this.principal = principal;
    this.actor = actor;
  }

  /** A copy: nobody outside holds what the store counts on. */
  toStored(): StoredSession {
    return {
      key: this.key,
      principal: this.principal,
      actor: this.actor,
      createdAtMs: this.createdAtMs,
      absoluteDeadlineMs: this.absoluteDeadlineMs,
      lastSeenAtMs: this.lastSeenAtMs,
      version: firstVersion,
    };
  }
}
