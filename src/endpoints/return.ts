import { askingOf, type Asking } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import { sessionKeyOf } from '../session/session.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Resolution } from '../session/resolution.ts';
import { isAskedByOwnSite } from './asking.ts';
import { Deeds, targetOf } from './deeds.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { isForm, readForm } from './form.ts';
import { asPage } from './page-reply.ts';
import type { SessionForms } from './session-forms.ts';
import type { UnknownPath } from './unknown-path.ts';

/**
 * Whoever acts for a user is oneself again: the impersonation ends, and the session that it was opened from goes on in
 * this browser. That takes the cookie that the escalation left beside the other one; the token of an impersonation
 * alone makes nobody a member of staff.
 */
export class Return implements Endpoint {
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
    const { answers, config } = this.#parts;
    const asking = askingOf(request);
    const isPage = asking.wantsHtml && answers.mode === 'modern';
    if (live === null || (method !== 'POST' && !(method === 'GET' && isPage))) {
      return this.#unknownPath.answer(request);
    }
    if (method === 'GET') return this.#show(live, asking);
    if (!isAskedByOwnSite(request, config.login.allowedOrigins)) {
      return answers.answer('crossSite', asking);
    }
    if (live.session.actor === null) {
      // Perhaps the button was pressed twice.
      return isPage ? this.#goHome() : answers.answer('notAllowed', asking);
    }
    if (isForm(request)) {
      const form = readForm(request);
      if (form === null) return answers.answer('bodyMalformed', asking);
      if (this.#forms.open(form, live) === null) return answers.answer('formExpired', asking);
    }
    return this.#return(live, request, asking);
  }

  #show(live: LiveSession, asking: Asking): Reply {
    const { answers, pages } = this.#parts;
    const { actor, principal } = live.session;
    if (actor === null) return this.#goHome();
    const token = this.#forms.tokenFor(live);
    const form = { token, user: principal.subject, actor: actor.subject };
    const page = pages.return(form, pages.languageFor(asking.acceptLanguage));
    return asPage(answers.answer('formShown', { ...asking, wantsHtml: false }), page);
  }

  async #return(live: LiveSession, request: EndpointRequest, asking: Asking): Promise<Reply> {
    const { answers, cookie, sessions } = this.#parts;
    const { isSecure } = request;
    const { actor } = live.session;
    const own = await this.#ownSession(request);
    if (own.kind === 'unavailable') return answers.answer('unavailable', asking);
    if ((await sessions.end(live)) === 'unavailable') return answers.answer('unavailable', asking);
    this.#deeds.note({ event: 'return', target: targetOf(live) }, live, request);
    const isOwn = own.kind === 'valid' && isBehind(own.live, live);
    const value = isOwn
      ? cookie.setting(sessions.issueToken(own.live), isSecure)
      : cookie.clearing(isSecure);
    const cookies: Reply['fields'] = [
      ['Set-Cookie', value],
      ['Set-Cookie', cookie.actor.clearing(isSecure)],
    ];
    if (!asking.wantsHtml || answers.mode !== 'modern') {
      const facts = { username: actor?.subject, isLoggedIn: isOwn };
      return answers.tell('returned', asking, facts, cookies);
    }
    return isOwn ? this.#goHome(cookies) : answers.tell('alreadyLoggedOut', asking, {}, cookies);
  }

  async #ownSession(request: EndpointRequest): Promise<Resolution | { readonly kind: 'none' }> {
    const { cookie, sessions } = this.#parts;
    const token = request.cookie(cookie.actor.nameFor(request.isSecure));
    return token === null ? { kind: 'none' } : sessions.resolve(token);
  }

  #goHome(fields: Reply['fields'] = []): Reply {
    const { answers, config } = this.#parts;
    return answers.redirect(303, config.login.home, fields);
  }
}

/** Whether an impersonation was opened from this very session, and not from another one that a cookie names. */
function isBehind(own: LiveSession, impersonation: LiveSession): boolean {
  const { actor } = impersonation.session;
  return (
    own.session.actor === null &&
    actor !== null &&
    sessionKeyOf(own.session.id) === actor.sessionKey
  );
}
