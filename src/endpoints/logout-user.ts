import { prefersJson } from '../http/accept.ts';
import type { Reply } from '../http/reply.ts';
import { Deeds } from './deeds.ts';
import type { Settlement } from '../session/commit.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import type { StaffDoor, StaffRequest } from './staff-door.ts';
import type { StaffRule } from './staff-rule.ts';

/** Whose sessions are to end. */
type Target =
  | { readonly kind: 'found'; readonly subject: string; readonly directories: readonly string[] }
  | { readonly kind: 'notAllowed' | 'unavailable' };

/** A staff member ends every session of a user, and every impersonation of that user. */
export class LogoutUser implements Endpoint {
  readonly bodyBytesMax: number;
  readonly #parts: EndpointParts;
  readonly #door: StaffDoor;
  readonly #staff: StaffRule;
  readonly #deeds: Deeds;

  constructor(parts: EndpointParts, door: StaffDoor, staff: StaffRule) {
    this.#deeds = new Deeds(parts);
    this.bodyBytesMax = parts.config.login.bodyBytesMax;
    this.#parts = parts;
    this.#door = door;
    this.#staff = staff;
  }

  async answer(request: EndpointRequest): Promise<Reply> {
    const asked = await this.#door.admit(request);
    if (asked.kind === 'turnedAway') return asked.reply;
    const { answers } = this.#parts;
    const target = await this.#targetOf(asked.username);
    switch (target.kind) {
      case 'notAllowed':
        this.#refused(request, asked);
        return answers.tell('notAllowed', asked.asking, {}, asked.fields);
      case 'unavailable':
        return answers.answer('unavailable', asked.asking);
      case 'found':
        return this.#end(target, request, asked);
    }
  }

  /** Whoever it was meant for: what was typed may be anything. */
  #refused(request: EndpointRequest, { caller }: StaffRequest): void {
    this.#deeds.note({ event: 'logout_user.refused', target: null }, caller, request);
  }

  async #targetOf(username: string): Promise<Target> {
    const verdict = await this.#parts.directories.find(username);
    switch (verdict.kind) {
      case 'rejected':
        // Nobody looks up whom an identity provider vouched for, and who was deleted meanwhile is still logged in.
        return this.#targetOfSessions(username, 'notAllowed');
      case 'unavailable':
        return this.#targetOfSessions(username, 'unavailable');
      case 'accepted': {
        const { directory, subject } = verdict.principal;
        if (verdict.isProtected === true || this.#staff.isProtected(verdict.principal)) {
          return { kind: 'notAllowed' };
        }
        return { kind: 'found', subject, directories: [directory] };
      }
    }
  }

  /**
   * No directory says who it is. Somebody may have to be thrown out all the same, so the live sessions say who is staff.
   * A name with no session at all is nobody's, or in an outage may be anybody's: that waits for the directory.
   */
  async #targetOfSessions(
    subject: string,
    otherwise: 'notAllowed' | 'unavailable',
  ): Promise<Target> {
    const directories: string[] = [];
    for (const directory of this.#parts.config.login.directories) {
      const listing = await this.#parts.sessions.listOf(directory, subject);
      if (listing.kind === 'unavailable') return { kind: 'unavailable' };
      const principals = listing.sessions.map((session) => session.principal);
      if (principals.some((principal) => this.#staff.isProtected(principal))) {
        return { kind: 'notAllowed' };
      }
      if (principals.length > 0) directories.push(directory);
    }
    if (directories.length === 0) return { kind: otherwise };
    return { kind: 'found', subject, directories };
  }

  async #end(
    target: Extract<Target, { kind: 'found' }>,
    request: EndpointRequest,
    asked: StaffRequest,
  ): Promise<Reply> {
    const { answers, sessions } = this.#parts;
    const { subject } = target;
    const settlements: Settlement[] = [];
    let revoked = 0;
    for (const directory of target.directories) {
      const ending = await sessions.endAllOf(directory, subject, asked.caller);
      if (ending.kind === 'unavailable') return answers.answer('unavailable', asked.asking);
      if (ending.kind === 'callerEnded') return answers.answer('revokedSession', asked.asking);
      revoked += ending.count;
      const { settlement } = ending;
      settlements.push(settlement);
      const whom = { directory, subject };
      const deed = { event: 'logout_user', target: whom, revoked: ending.count } as const;
      this.#deeds.note({ ...deed, settlement }, asked.caller, request);
    }
    const facts = { username: subject, revoked, ...settled(settlements) };
    const isHeard = facts.acked === facts.members;
    const situation = prefersJson(request.field('accept'))
      ? isHeard
        ? 'userLoggedOutJson'
        : 'userLoggedOutUnheardJson'
      : isHeard
        ? 'userLoggedOut'
        : 'userLoggedOutUnheard';
    return answers.tell(situation, asked.asking, facts, asked.fields);
  }
}

/** Of several directories together: the least that can be said of each. */
function settled(settlements: readonly Settlement[]) {
  const members = Math.max(...settlements.map((one) => one.members));
  const missing = Math.max(...settlements.map((one) => one.members - one.acknowledged));
  const waitedMs = settlements.reduce((sum, one) => sum + one.waitedMs, 0);
  const replicated = new Set(settlements.map((one) => one.isReplicated));
  return {
    members,
    acked: members - missing,
    waited_ms: Math.round(waitedMs * 10) / 10,
    ...(!replicated.has(null) && { replicated: !replicated.has(false) }),
  };
}
