import type { Coherence } from './coherence.ts';
import type { Commit, Settlement } from './commit.ts';
import { CommitBarrier } from './commit-barrier.ts';
import type { Ending, UserEnding } from './ending.ts';
import { idsPerEntryMax, type LogEntry } from './log-entry.ts';
import { RecentRevocations } from './recent-revocations.ts';
import type { RevokeAnswer, RevokeUserAnswer, SessionStore } from './session-store.ts';
import { sessionHandleOf } from './session.ts';

export interface SessionEndingsParts {
  readonly store: Pick<SessionStore, 'revoke' | 'revokeUser' | 'revokeAll' | 'listOf'>;
  readonly coherence: Coherence;
  /** In the turn of this call these are refused here. */
  readonly refuse: (keys: readonly string[]) => void;
  /** The same of every session that there is; the entries of the log that say so, where there is one. */
  readonly refuseAll: (entries: readonly LogEntry[]) => void;
}

/** Ends sessions: here at once, in the store for good, and everywhere else before anybody is told that it is done. */
export class SessionEndings {
  readonly #parts: SessionEndingsParts;
  readonly #commits = new CommitBarrier();
  /** Sessions that are refused here and whose end the store did not confirm. */
  readonly #unconfirmed = new Set<string>();
  /** Whoever asks for an end that is under way waits for the same one. */
  readonly #underWay = new Map<string, Promise<'ended' | 'unavailable'>>();
  /** Ends that everybody is known to know: to ask for one of them again costs the store nothing. */
  readonly #settled = new RecentRevocations({ keepMs: 600_000, keysMax: 100_000 });
  #isConfirming = false;

  constructor(parts: SessionEndingsParts) {
    this.#parts = parts;
  }

  end(key: string): Promise<'ended' | 'unavailable'> {
    const known = this.#underWay.get(key);
    if (known !== undefined) return known;
    const ending = this.#end(key).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, ending);
    return ending;
  }

  /**
   * Of a session that is refused here already: whoever asks to end it is told so when everybody else refuses it, too, and
   * not while the store has yet to hear of it.
   */
  async confirmEnd(key: string): Promise<'ended' | 'unavailable'> {
    return this.#settled.has(key) ? 'ended' : await this.end(key);
  }

  /** No answer is an unknown outcome: it may have ended or not, and it must. */
  async #end(key: string): Promise<'ended' | 'unavailable'> {
    this.#parts.refuse([key]);
    const answer = await this.#apply(this.#parts.store.revoke([key]));
    if (answer.kind === 'revoked') {
      await this.#settle(answer.commit);
      this.#unconfirmed.delete(key);
      this.#settled.add(key, this.#parts.coherence.coherentMs());
      return 'ended';
    }
    this.#doubt([key]);
    return 'unavailable';
  }

  async endAllOf(directory: string, subject: string, caller: string | null): Promise<UserEnding> {
    const answer = await this.#apply(this.#parts.store.revokeUser(directory, subject, caller));
    switch (answer.kind) {
      case 'unavailable':
        this.#doubt(answer.named ?? []);
        return { kind: 'unavailable' };
      case 'refused':
        return { kind: 'callerEnded' };
      case 'revoked':
        return {
          kind: 'ended',
          count: answer.count,
          settlement: await this.#settle(answer.commit),
        };
    }
  }

  /** `lost`: the number of the entry that ended them, for a store that may have forgotten it. */
  async endEverybody(lost?: number): Promise<Ending> {
    const answer = await this.#commits.track(
      this.#parts.store.revokeAll(lost).then((revoked) => {
        if (revoked.kind === 'revoked' && (lost === undefined || revoked.commit !== null)) {
          this.#parts.refuseAll(revoked.commit?.entries ?? []);
        }
        return revoked;
      }),
    );
    if (answer.kind === 'unavailable') return { kind: 'unavailable' };
    await this.#commits.settled();
    return { kind: 'ended', count: answer.count, settlement: await this.#settle(answer.commit) };
  }

  /** Those of a user's sessions whose handle is meant, with every impersonation opened from one of them. */
  async endSome(
    directory: string,
    subject: string,
    isMeant: (handle: string) => boolean,
  ): Promise<Ending> {
    const listed = await this.#parts.store.listOf(directory, subject);
    if (listed.kind === 'unavailable') return { kind: 'unavailable' };
    const keys = listed.sessions
      .map(({ key }) => key)
      .filter((key) => isMeant(sessionHandleOf(key)));
    this.#parts.refuse(keys);
    const answer = await this.#apply(this.#parts.store.revoke(keys));
    if (answer.kind === 'unavailable') {
      this.#doubt(keys);
      return { kind: 'unavailable' };
    }
    return { kind: 'ended', count: answer.count, settlement: await this.#settle(answer.commit) };
  }

  /** Ended or not, who knows: refused here, and the store is told again until it answers. */
  #doubt(keys: readonly string[]): void {
    this.#parts.refuse(keys);
    for (const key of keys) this.#unconfirmed.add(key);
  }

  /** Tells the store again what it did not confirm. */
  async confirm(): Promise<void> {
    if (this.#isConfirming) return;
    this.#isConfirming = true;
    try {
      const all = [...this.#unconfirmed];
      for (let start = 0; start < all.length; start += idsPerEntryMax) {
        const keys = all.slice(start, start + idsPerEntryMax);
        const answer = await this.#apply(this.#parts.store.revoke(keys));
        if (answer.kind !== 'revoked') return;
        for (const key of keys) this.#unconfirmed.delete(key);
        this.settleBehind(answer.commit);
      }
    } finally {
      this.#isConfirming = false;
    }
  }

  /** Tells a store that has lost its latest revocations of those that this worker remembers. */
  async remind(keys: readonly string[]): Promise<'reminded' | 'unavailable'> {
    // The latest first: those are what a store loses.
    for (let end = keys.length; end > 0; end -= idsPerEntryMax) {
      const some = keys.slice(Math.max(0, end - idsPerEntryMax), end);
      const answer = await this.#apply(this.#parts.store.revoke(some, 'lost'));
      if (answer.kind !== 'revoked') return 'unavailable';
    }
    return 'reminded';
  }

  /** A call that may end sessions: what it answers is refused here before anybody is told. */
  track<Answer>(applied: Promise<Answer>): Promise<Answer> {
    return this.#commits.track(applied);
  }

  /** What is ended beside a login is not waited for: nobody is told of it. */
  settleBehind(commit: Commit | null): void {
    if (commit !== null) void this.#settle(commit);
  }

  async #apply<Answer extends RevokeAnswer | RevokeUserAnswer>(
    revoking: Promise<Answer>,
  ): Promise<Answer> {
    const answer = await this.#commits.track(
      revoking.then((revoked) => {
        if (revoked.kind === 'revoked') this.#parts.refuse(revoked.keys);
        return revoked;
      }),
    );
    // Who claims nothing waits for nobody: the end of everybody may hold a file for long.
    if (answer.kind !== 'unavailable') await this.#commits.settled();
    return answer;
  }

  async #settle(commit: Commit | null): Promise<Settlement> {
    return commit === null ? alone : await this.#parts.coherence.settle(commit);
  }
}

/** Nothing had to be committed, or nobody else is there. */
const alone: Settlement = Object.freeze({
  members: 1,
  acknowledged: 1,
  waitedMs: 0,
  isReplicated: null,
});
