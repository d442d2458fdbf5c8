import type { Situation } from '../http/answer-table.ts';
import { askingOf, type Asking } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import { safeReturnTarget } from '../http/return-target.ts';
import type { Principal } from '../identity/principal.ts';
import type { EscalateForm } from '../pages/staff-pages.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { situationOfUserInfo, type IdentityField } from './identity-field.ts';
import { asPage } from './page-reply.ts';
import type { SessionForms } from './session-forms.ts';
import type { StaffDoor, StaffRequest } from './staff-door.ts';
import type { StaffRule } from './staff-rule.ts';

/**
 * A staff member becomes a user: a second session is opened, tied to the first, which lives on. Nobody becomes another
 * member of staff, and nobody who already is somebody else becomes a third.
 */
export class Escalate implements Endpoint {
  readonly bodyBytesMax: number;
  readonly #parts: EndpointParts;
  readonly #identity: IdentityField;
  readonly #door: StaffDoor;
  readonly #staff: StaffRule;
  readonly #forms: SessionForms;

  constructor(
    parts: EndpointParts,
    identity: IdentityField,
    door: StaffDoor,
    staff: StaffRule,
    forms: SessionForms,
  ) {
    this.bodyBytesMax = parts.config.login.bodyBytesMax;
    this.#parts = parts;
    this.#identity = identity;
    this.#door = door;
    this.#staff = staff;
    this.#forms = forms;
  }

  async answer(request: EndpointRequest): Promise<Reply> {
    const { answers, directories, sessions } = this.#parts;
    const { live, method } = request;
    if (method === 'GET' && live !== null && this.#staff.mayAct(live.session)) {
      const asking = askingOf(request);
      if (asking.wantsHtml && answers.mode === 'modern') {
        const next = new URLSearchParams(request.query).get('next');
        const target = safeReturnTarget(next, this.#parts.config.login.returnHosts);
        return this.#form('formShown', live, { username: '', problem: null, target }, asking);
      }
    }
    const asked = await this.#door.admit(request);
    if (asked.kind === 'turnedAway') return asked.reply;
    const since = await sessions.revocationNumber();
    if (since.kind === 'unavailable') return answers.answer('unavailable', asked.asking);
    const verdict = await directories.find(asked.username);
    if (verdict.kind === 'unavailable') return answers.answer('unavailable', asked.asking);
    if (verdict.kind === 'rejected' || this.#staff.isStaff(verdict.principal)) {
      const { asking, caller, target, username } = asked;
      if (!asked.isForm) return answers.tell('notAllowed', asking, {}, asked.fields);
      const problem = username === '' ? 'escalateIncomplete' : 'escalateRefused';
      return this.#form('notAllowed', caller, { username, problem, target }, asking);
    }
    return this.#open(verdict.principal, since.number, request, asked);
  }

  async #open(
    target: Principal,
    since: number,
    request: EndpointRequest,
    asked: StaffRequest,
  ): Promise<Reply> {
    const { answers, config, cookie, log, sessions } = this.#parts;
    const { asking, caller } = asked;
    const { id, principal } = caller.session;
    const actor = { subject: principal.subject, directory: principal.directory, sessionId: id };
    const names = {
      requestId: request.requestId,
      client: request.clientAddress,
      actorDirectory: actor.directory,
      actor: actor.subject,
      directory: target.directory,
      subject: target.subject,
    };
    const info = this.#identity.encode(target, actor);
    if (info.kind !== 'encoded') {
      log.error('escalate.userinfo', { ...names, problem: info.kind });
      return answers.answer(situationOfUserInfo(info), asking);
    }
    const opening = await sessions.open(target, actor, since);
    if (opening.kind === 'unavailable') return answers.answer('unavailable', asking);
    log.info('escalate.accepted', names);
    const facts = { username: target.subject, actor: actor.subject };
    const { isSecure } = request;
    const cookies: Reply['fields'] = [
      ['Set-Cookie', cookie.setting(opening.token, isSecure)],
      // The way back (`return`).
      ['Set-Cookie', cookie.actor.setting(sessions.issueToken(caller), isSecure)],
    ];
    if (!asked.isForm)
      return answers.tell('escalated', asking, facts, [...asked.fields, ...cookies]);
    return answers.redirect(303, asked.target ?? config.login.home, cookies);
  }

  #form(
    situation: Situation,
    caller: LiveSession,
    { target, ...shown }: Omit<EscalateForm, 'token'> & Pick<StaffRequest, 'target'>,
    asking: Asking,
  ): Reply {
    const { answers, pages } = this.#parts;
    const token = this.#forms.tokenFor(caller, target);
    const page = pages.escalate({ ...shown, token }, pages.languageFor(asking.acceptLanguage));
    return asPage(answers.answer(situation, { ...asking, wantsHtml: false }), page);
  }
}
