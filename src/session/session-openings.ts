import { randomBytes } from 'node:crypto';
import type { Principal } from '../identity/principal.ts';
import type { LiveSession } from './live-session.ts';
import type { NoOpening } from './opening.ts';
import type { SessionEndings } from './session-endings.ts';
import type { SessionReader } from './session-reader.ts';
import type { CreateAnswer, SessionStore } from './session-store.ts';
import { createSessionId, sessionKeyOf, type Actor } from './session.ts';

export interface SessionOpeningsParts {
  readonly store: Pick<SessionStore, 'create'>;
  readonly reader: SessionReader;
  readonly endings: SessionEndings;
  readonly random: ((bytes: number) => Buffer) | undefined;
  /** In the turn of this call these are refused here. */
  readonly refuse: (keys: readonly string[]) => void;
}

/** Opens sessions: in the store first, then in the cache. */
export class SessionOpenings {
  readonly #parts: SessionOpeningsParts;

  constructor(parts: SessionOpeningsParts) {
    this.#parts = parts;
  }

  async open(
    principal: Principal,
    actor: Actor | null,
    since: number | null,
  ): Promise<LiveSession | NoOpening> {
    const { endings, random, reader } = this.#parts;
    const id = createSessionId(random ?? randomBytes);
    const key = sessionKeyOf(id);
    const mark = reader.mark();
    const answer = await endings.track(this.#create(key, principal, actor, since));
    if (answer.kind === 'unavailable') return answer.reason;
    if (answer.kind === 'refused') {
      if (answer.reason === 'taken') throw new Error('the same random session id came twice');
      return answer.reason;
    }
    endings.settleBehind(answer.commit);
    const live = reader.enter(mark, id, answer.session);
    if (live !== null) return live;
    await endings.end(key);
    return 'overtaken';
  }

  async #create(
    key: string,
    principal: Principal,
    actor: Actor | null,
    since: number | null,
  ): Promise<CreateAnswer> {
    const { refuse, store } = this.#parts;
    const created = await store.create({
      key,
      principal,
      actor: actor && {
        subject: actor.subject,
        directory: actor.directory,
        sessionKey: sessionKeyOf(actor.sessionId),
      },
      since,
    });
    if (created.kind === 'created') refuse(created.revoked);
    return created;
  }
}
