import { askingOf, type Asking } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import { safeReturnTarget } from '../http/return-target.ts';
import type { LiveSession } from '../session/live-session.ts';
import { isAskedByOwnSite } from './asking.ts';
import { Deeds, targetOf } from './deeds.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import type { IdentityField } from './identity-field.ts';
import type { UnknownPath } from './unknown-path.ts';

/** Ends the session that asks, and no other of the same user. */
export class Logout implements Endpoint {
  readonly bodyBytesMax: number;
  readonly #parts: EndpointParts;
  readonly #identity: IdentityField;
  readonly #unknownPath: UnknownPath;
  readonly #deeds: Deeds;

  constructor(parts: EndpointParts, identity: IdentityField, unknownPath: UnknownPath) {
    this.#deeds = new Deeds(parts);
    // The body of a form is taken and ignored.
    this.bodyBytesMax = parts.config.login.bodyBytesMax;
    this.#parts = parts;
    this.#identity = identity;
    this.#unknownPath = unknownPath;
  }

  async answer(request: EndpointRequest): Promise<Reply> {
    const { answers, config } = this.#parts;
    const { live, method } = request;
    const asking = askingOf(request);
    if (method !== 'GET' && method !== 'POST' && method !== 'HEAD') {
      return this.#unknownPath.answer(request);
    }
    if (live === null) return answers.answerAtLogout('noCookie', asking);
    if (isPrefetch(request)) return answers.answer('logoutPrefetched', asking);
    if (method === 'HEAD') return answers.answer('logoutUnchanged', asking);
    if (!isAskedByOwnSite(request, config.login.allowedOrigins)) {
      // Tyke's clients log out by GET, and so could any page with an image: a person has to confirm that.
      return answers.answer(method === 'GET' ? 'logoutUnconfirmed' : 'crossSite', asking);
    }
    return this.#end(live, request, asking);
  }

  async #end(live: LiveSession, request: EndpointRequest, asking: Asking): Promise<Reply> {
    const { answers, sessions } = this.#parts;
    if ((await sessions.end(live)) === 'unavailable') {
      return answers.answer('unavailable', asking);
    }
    this.#deeds.note({ event: 'logout', target: targetOf(live) }, live, request);
    const { cookie, config } = this.#parts;
    const { isSecure } = request;
    const actor: Reply['fields'] =
      request.cookie(cookie.actor.nameFor(isSecure)) === null
        ? []
        : [['Set-Cookie', cookie.actor.clearing(isSecure)]];
    const next = new URLSearchParams(request.query).get('next');
    if (next === null || !asking.wantsHtml || answers.mode !== 'modern') {
      return answers.tell('logoutOk', asking, {}, [...this.#identity.forClient(live), ...actor]);
    }
    const target = safeReturnTarget(next, config.login.returnHosts) ?? config.login.home;
    return answers.redirect(request.method === 'POST' ? 303 : 302, target, [
      ['Set-Cookie', cookie.clearing(isSecure)],
      ...actor,
    ]);
  }
}

/** A browser or a mail scanner that looks ahead: nobody asked for this. */
function isPrefetch(request: EndpointRequest): boolean {
  return ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) =>
    /prefetch|prerender|preview/i.test(request.field(name) ?? ''),
  );
}
