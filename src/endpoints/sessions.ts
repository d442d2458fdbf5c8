import { askingOf } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import type { ListedSession } from '../session/listing.ts';
import type { LiveSession } from '../session/live-session.ts';
import { isAskedByOwnSite } from './asking.ts';
import { Deeds } from './deeds.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { isForm, readForm } from './form.ts';
import { readJsonFields } from './json-fields.ts';
import { asPage } from './page-reply.ts';
import type { SessionForms } from './session-forms.ts';
import type { UnknownPath } from './unknown-path.ts';

/** Which sessions are to end: a handle, or `others`. */
type Wish =
  | { readonly kind: 'read'; readonly end: string }
  | { readonly kind: 'bodyMalformed' | 'bodyIncomplete' | 'formExpired' };

/**
 * Somebody's own sessions: GET lists them, POST with `{"end": HANDLE}` ends one and with `{"end": "others"}` all but the
 * one that asks. Whoever only acts for somebody may look, but not throw anybody out.
 */
export class SessionsEndpoint implements Endpoint {
  readonly bodyBytesMax: number;
  readonly #parts: EndpointParts;
  readonly #forms: SessionForms;
  readonly #unknownPath: UnknownPath;
  readonly #deeds: Deeds;

  constructor(parts: EndpointParts, forms: SessionForms, unknownPath: UnknownPath) {
    this.bodyBytesMax = parts.config.login.bodyBytesMax;
    this.#parts = parts;
    this.#deeds = new Deeds(parts);
    this.#forms = forms;
    this.#unknownPath = unknownPath;
  }

  async answer(request: EndpointRequest): Promise<Reply> {
    const { live, method } = request;
    if (live === null) return this.#unknownPath.answer(request);
    if (method === 'GET' || method === 'HEAD') return this.#list(live, request);
    if (method === 'POST') return this.#post(live, request);
    return this.#unknownPath.answer(request);
  }

  async #list(live: LiveSession, request: EndpointRequest): Promise<Reply> {
    const { answers, pages, sessions } = this.#parts;
    const asking = askingOf(request);
    const { actor, handle, principal } = live.session;
    const listing = await sessions.listOf(principal.directory, principal.subject);
    if (listing.kind === 'unavailable') return answers.answer('unavailable', asking);
    const shown = listing.sessions.map((session) => factsOf(session, handle));
    if (!asking.wantsHtml || answers.mode !== 'modern') {
      return answers.tell('sessionsListed', asking, { sessions: shown.map(jsonOf) });
    }
    const list = {
      user: principal.subject,
      sessions: shown,
      token: actor === null ? this.#forms.tokenFor(live) : null,
      isDone: new URLSearchParams(request.query).has('done'),
    };
    const page = pages.sessions(list, pages.languageFor(asking.acceptLanguage));
    return asPage(answers.answer('sessionsListed', { ...asking, wantsHtml: false }), page);
  }

  async #post(live: LiveSession, request: EndpointRequest): Promise<Reply> {
    const { answers, config } = this.#parts;
    const asking = askingOf(request);
    if (!isAskedByOwnSite(request, config.login.allowedOrigins)) {
      return answers.answer('crossSite', asking);
    }
    if (live.session.actor !== null) return answers.answer('notAllowed', asking);
    const wish = this.#wishOf(live, request);
    if (wish.kind !== 'read') return answers.answer(wish.kind, asking);
    return wish.end === live.session.handle
      ? this.#endOwn(live, request)
      : this.#end(live, wish.end, request);
  }

  async #endOwn(live: LiveSession, request: EndpointRequest): Promise<Reply> {
    const { answers, sessions } = this.#parts;
    const asking = askingOf(request);
    if ((await sessions.end(live)) === 'unavailable') return answers.answer('unavailable', asking);
    this.#deeds.note({ event: 'logout', target: null, revoked: 1 }, live, request);
    return answers.answer('logoutOk', asking);
  }

  async #end(live: LiveSession, end: string, request: EndpointRequest): Promise<Reply> {
    const { answers, sessions } = this.#parts;
    const asking = askingOf(request);
    const { handle, principal } = live.session;
    const isMeant = (other: string): boolean =>
      end === 'others' ? other !== handle : other === end;
    const ending = await sessions.endSome(principal.directory, principal.subject, isMeant);
    if (ending.kind === 'unavailable') return answers.answer('unavailable', asking);
    const deed = { event: 'sessions.ended', target: null, revoked: ending.count } as const;
    this.#deeds.note(deed, live, request);
    return asking.wantsHtml && answers.mode === 'modern'
      ? answers.redirect(303, `${request.path}?done=1`)
      : answers.tell('sessionsEnded', asking, { ended: ending.count });
  }

  #wishOf(live: LiveSession, request: EndpointRequest): Wish {
    if (!isForm(request)) {
      const body = readJsonFields(request.body, ['end']);
      if (body.kind === 'read') return { kind: 'read', end: body.fields.end };
      return { kind: body.kind === 'malformed' ? 'bodyMalformed' : 'bodyIncomplete' };
    }
    const form = readForm(request);
    if (form === null) return { kind: 'bodyMalformed' };
    if (this.#forms.open(form, live) === null) return { kind: 'formExpired' };
    const end = form.get('end');
    return end === undefined ? { kind: 'bodyIncomplete' } : { kind: 'read', end };
  }
}

interface Facts {
  readonly handle: string;
  readonly isOwn: boolean;
  readonly actor: string | null;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  readonly absoluteDeadlineMs: number;
}

function factsOf(session: ListedSession, ownHandle: string): Facts {
  const { absoluteDeadlineMs, actor, createdAtMs, handle, lastSeenAtMs } = session;
  const isOwn = handle === ownHandle;
  const who = actor?.subject ?? null;
  return { handle, isOwn, actor: who, createdAtMs, lastSeenAtMs, absoluteDeadlineMs };
}

function jsonOf(facts: Facts): Record<string, string | boolean | undefined> {
  return {
    session: facts.handle,
    own: facts.isOwn,
    timestamp: new Date(facts.createdAtMs).toISOString(),
    lastSeen: new Date(facts.lastSeenAtMs).toISOString(),
    expires: new Date(facts.absoluteDeadlineMs).toISOString(),
    actor: facts.actor ?? undefined,
  };
}
