import type { Reply } from '../http/reply.ts';
import type { Principal } from '../identity/principal.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { situationOfUserInfo, type IdentityField } from './identity-field.ts';
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

  constructor(parts: EndpointParts, identity: IdentityField, door: StaffDoor, staff: StaffRule) {
    this.bodyBytesMax = parts.config.login.bodyBytesMax;
    this.#parts = parts;
    this.#identity = identity;
    this.#door = door;
    this.#staff = staff;
  }

  async answer(request: EndpointRequest): Promise<Reply> {
    const asked = await this.#door.admit(request);
    if (asked.kind === 'turnedAway') return asked.reply;
    const { answers, directories, sessions } = this.#parts;
    const since = await sessions.revocationNumber();
    if (since.kind === 'unavailable') return answers.answer('unavailable', asked.asking);
    const verdict = await directories.find(asked.username);
    if (verdict.kind === 'unavailable') return answers.answer('unavailable', asked.asking);
    if (verdict.kind === 'rejected' || this.#staff.isStaff(verdict.principal)) {
      return answers.tell('notAllowed', asked.asking, {}, asked.fields);
    }
    return this.#open(verdict.principal, since.number, request, asked);
  }

  async #open(
    target: Principal,
    since: number,
    request: EndpointRequest,
    asked: StaffRequest,
  ): Promise<Reply> {
    const { answers, cookie, log, sessions } = this.#parts;
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
    return answers.tell('escalated', asking, facts, [
      ...asked.fields,
      ['Set-Cookie', cookie.setting(opening.token, request.isSecure)],
    ]);
  }
}
