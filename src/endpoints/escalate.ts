import type { Situation } from '../http/answer-table.ts';
import { askingOf, type Asking } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import { safeReturnTarget } from '../http/return-target.ts';
import { withLoginOrigin } from '../identity/login-origin.ts';
import type { Principal } from '../identity/principal.ts';
import type { EscalateForm } from '../pages/staff-pages.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { CredentialsCheck } from './credentials-check.ts';
import { Deeds } from './deeds.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { situationOfUserInfo, type IdentityField } from './identity-field.ts';
import { asPage, withFields } from './page-reply.ts';
import type { SessionForms } from './session-forms.ts';
import type { StaffDoor, StaffRequest } from './staff-door.ts';
import type { StaffRule } from './staff-rule.ts';

/** Of one that comes with the address. */
const usernameMax = 150;

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
  readonly #check: CredentialsCheck;
  readonly #deeds: Deeds;

  constructor(
    parts: EndpointParts,
    identity: IdentityField,
    check: CredentialsCheck,
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
    this.#check = check;
    this.#deeds = new Deeds(parts);
  }

  async answer(request: EndpointRequest): Promise<Reply> {
    const { answers } = this.#parts;
    const { live, method } = request;
    if (method === 'GET' && live !== null && this.#staff.mayAct(live.session)) {
      const asking = askingOf(request);
      if (asking.wantsHtml && answers.mode === 'modern') {
        const query = new URLSearchParams(request.query);
        const target = safeReturnTarget(query.get('next'), this.#parts.config.login.returnHosts);
        // Filled in, as from the console; whoever reads it still has to press the button.
        const username = (query.get('username') ?? '').slice(0, usernameMax);
        return this.#form('formShown', live, { username, problem: null, target }, asking);
      }
    }
    const asked = await this.#door.admit(request);
    if (asked.kind === 'turnedAway') return asked.reply;
    const refusal = await this.#reentry(request, asked);
    return refusal ?? this.#escalate(request, asked);
  }

  /** Where it is asked for, the caller's own password has to be right; null: it is, or nobody asks. */
  async #reentry(request: EndpointRequest, asked: StaffRequest): Promise<Reply | null> {
    const { answers, config } = this.#parts;
    if (!config.staff.isPasswordAsked) return null;
    const { asking, password } = asked;
    const { directory, subject } = asked.caller.session.principal;
    if (password === null || password === '') {
      return asked.isForm
        ? this.#again('bodyIncomplete', 'escalateWrongPassword', asked)
        : answers.answer('bodyIncomplete', asking);
    }
    const checked = await this.#check.password(request, subject, password);
    if (checked.kind === 'refused' && checked.situation !== 'loginRejected') {
      return withFields(answers.answer(checked.situation, asking), checked.fields);
    }
    if (checked.kind === 'accepted') {
      const { principal } = checked;
      // Somebody of the same name in another directory is somebody else.
      const isSame = principal.directory === directory && principal.subject === subject;
      // And whoever is no longer staff for the directory does not act for anybody either.
      if (isSame && this.#staff.isStaff(principal)) return null;
    }
    this.#deeds.note({ event: 'escalate.refused', target: null }, asked.caller, request);
    return asked.isForm
      ? this.#again('reentryRejected', 'escalateWrongPassword', asked)
      : answers.answer('reentryRejected', asking);
  }

  async #escalate(request: EndpointRequest, asked: StaffRequest): Promise<Reply> {
    const { answers, directories, sessions } = this.#parts;
    const since = await sessions.revocationNumber();
    if (since.kind === 'unavailable') return answers.answer('unavailable', asked.asking);
    const verdict = await directories.find(asked.username);
    if (verdict.kind === 'unavailable') return answers.answer('unavailable', asked.asking);
    const isAllowed =
      verdict.kind === 'accepted' &&
      verdict.isProtected !== true &&
      !this.#staff.isProtected(verdict.principal);
    if (!isAllowed) {
      const { asking, caller, username } = asked;
      // Whoever it was meant for: what was typed may be anything.
      this.#deeds.note({ event: 'escalate.refused', target: null }, caller, request);
      if (!asked.isForm) return answers.tell('notAllowed', asking, {}, asked.fields);
      const problem = username === '' ? 'escalateIncomplete' : 'escalateRefused';
      return this.#again('notAllowed', problem, asked);
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
    const whom = { directory: target.directory, subject: target.subject };
    const info = this.#identity.encode(target, actor);
    if (info.kind !== 'encoded') {
      const { requestId } = request;
      log.error('escalate.userinfo', { requestId, ...whom, problem: info.kind });
      return answers.answer(situationOfUserInfo(info), asking);
    }
    const deed = { event: 'escalate.accepted', target: whom } as const;
    if (!(await this.#deeds.admits(deed, caller, request))) {
      return answers.answer('unavailable', asking);
    }
    const from = { address: request.clientAddress, node: this.#parts.node };
    const opening = await sessions.open(withLoginOrigin(target, from), actor, since);
    if (opening.kind === 'unavailable') return answers.answer('unavailable', asking);
    this.#deeds.log(deed, caller, request);
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

  #again(
    situation: Situation,
    problem: EscalateForm['problem'],
    { asking, caller, target, username }: StaffRequest,
  ): Reply {
    return this.#form(situation, caller, { username, problem, target }, asking);
  }

  #form(
    situation: Situation,
    caller: LiveSession,
    { target, ...shown }: Pick<EscalateForm, 'username' | 'problem'> & Pick<StaffRequest, 'target'>,
    asking: Asking,
  ): Reply {
    const { answers, config, pages } = this.#parts;
    const token = this.#forms.tokenFor(caller, target);
    const isPasswordAsked = config.staff.isPasswordAsked;
    const minutes = Math.ceil(config.sessions.impersonationTimeoutMs / 60_000);
    const form = { ...shown, token, isPasswordAsked, minutes };
    const page = pages.escalate(form, pages.languageFor(asking.acceptLanguage));
    return asPage(answers.answer(situation, { ...asking, wantsHtml: false }), page);
  }
}
