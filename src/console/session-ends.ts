import { readForm, isForm } from '../endpoints/form.ts';
import { readJsonFields } from '../endpoints/json-fields.ts';
import { Deeds } from '../endpoints/deeds.ts';
import type { EndpointRequest } from '../endpoints/endpoint.ts';
import type { EndpointParts } from '../endpoints/endpoint-parts.ts';
import { isAskedByOwnSite } from '../endpoints/asking.ts';
import type { SessionForms } from '../endpoints/session-forms.ts';
import type { StaffRule } from '../endpoints/staff-rule.ts';
import type { Situation } from '../http/answer-table.ts';
import type { LiveSession } from '../session/live-session.ts';

/** Which sessions are to end: one, or every one of a user. */
interface Wish {
  readonly directory: string;
  readonly user: string;
  /** A handle, or `all`. */
  readonly session: string;
  readonly isByForm: boolean;
}

export type SessionsEnded =
  | { readonly kind: 'ended'; readonly count: number; readonly isByForm: boolean }
  | { readonly kind: 'refused'; readonly situation: Situation };

/** Staff end sessions of others, or their own: who may, whom it may befall, and that it is written down. */
export class SessionEnds {
  readonly #parts: EndpointParts;
  readonly #staff: StaffRule;
  readonly #forms: SessionForms;
  readonly #deeds: Deeds;

  constructor(parts: EndpointParts, staff: StaffRule, forms: SessionForms) {
    this.#parts = parts;
    this.#staff = staff;
    this.#forms = forms;
    this.#deeds = new Deeds(parts);
  }

  async end(request: EndpointRequest, caller: LiveSession): Promise<SessionsEnded> {
    const { config } = this.#parts;
    if (!isAskedByOwnSite(request, config.login.allowedOrigins)) return refused('crossSite');
    const wish = this.#wishOf(request, caller);
    if (typeof wish === 'string') return refused(wish);
    if (!config.login.directories.includes(wish.directory)) return refused('bodyMalformed');
    const standing = await this.#standingOf(wish, caller);
    if (standing === 'unavailable') return refused('unavailable');
    const target = { directory: wish.directory, subject: wish.user };
    if (standing === 'protected') {
      this.#deeds.note({ event: 'logout_user.refused', target }, caller, request);
      return refused('notAllowed');
    }
    return await this.#end(wish, request, caller);
  }

  async #end(
    { directory, isByForm, session, user }: Wish,
    request: EndpointRequest,
    caller: LiveSession,
  ): Promise<SessionsEnded> {
    const { sessions } = this.#parts;
    const isAll = session === 'all';
    const ending = isAll
      ? await sessions.endAllOf(directory, user, caller)
      : await sessions.endSome(directory, user, (handle) => handle === session);
    if (ending.kind === 'unavailable') return refused('unavailable');
    if (ending.kind === 'callerEnded') return refused('revokedSession');
    const { count, settlement } = ending;
    const event = isAll ? 'logout_user' : 'sessions.ended';
    const target = { directory, subject: user };
    this.#deeds.note({ event, target, revoked: count, settlement }, caller, request);
    return { kind: 'ended', count, isByForm };
  }

  /** One's own sessions are one's own; those of other staff are not to be ended here. */
  async #standingOf(
    { directory, user }: Wish,
    caller: LiveSession,
  ): Promise<'free' | 'protected' | 'unavailable'> {
    const { directories, sessions } = this.#parts;
    const own = caller.session.principal;
    if (own.directory === directory && own.subject === user) return 'free';
    const listing = await sessions.listOf(directory, user);
    if (listing.kind === 'unavailable') return 'unavailable';
    if (listing.sessions.some(({ principal }) => this.#staff.isProtected(principal))) {
      return 'protected';
    }
    // What the directory says now counts, too; where it is out, what it said at the login has to do.
    const verdict = await directories.find(user);
    if (verdict.kind !== 'accepted' || verdict.principal.directory !== directory) return 'free';
    const isProtected = verdict.isProtected === true || this.#staff.isProtected(verdict.principal);
    return isProtected ? 'protected' : 'free';
  }

  #wishOf(request: EndpointRequest, caller: LiveSession): Wish | Situation {
    if (!isForm(request)) {
      const body = readJsonFields(request.body, ['directory', 'user', 'session']);
      if (body.kind === 'read') return { ...body.fields, isByForm: false };
      return body.kind === 'malformed' ? 'bodyMalformed' : 'bodyIncomplete';
    }
    const form = readForm(request);
    if (form === null) return 'bodyMalformed';
    if (this.#forms.open(form, caller) === null) return 'formExpired';
    // A button has one value. The name of a user may hold blanks, the words before it do not.
    const [, session, directory, user] = /^(\S+) (\S+) (.+)$/.exec(form.get('end') ?? '') ?? [];
    return session === undefined || directory === undefined || user === undefined
      ? 'bodyIncomplete'
      : { directory, user, session, isByForm: true };
  }
}

function refused(situation: Situation): SessionsEnded {
  return { kind: 'refused', situation };
}
