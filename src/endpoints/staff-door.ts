import type { Asking } from '../http/answers.ts';
import type { Reply } from '../http/reply.ts';
import type { LiveSession } from '../session/live-session.ts';
import { askingOf, isAskedByOwnSite } from './asking.ts';
import type { EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import type { IdentityField } from './identity-field.ts';
import { readJsonFields } from './json-fields.ts';
import type { StaffRule } from './staff-rule.ts';
import type { UnknownPath } from './unknown-path.ts';

/** A staff member asks for something to be done to a user. */
export interface StaffRequest {
  readonly kind: 'admitted';
  readonly caller: LiveSession;
  /** As it was typed. */
  readonly username: string;
  readonly asking: Asking;
  /** Tells the caller who it is, where answers do that. */
  readonly fields: Reply['fields'];
}

/** What both staff endpoints have in common: who may ask, and how. */
export class StaffDoor {
  readonly #parts: EndpointParts;
  readonly #identity: IdentityField;
  readonly #staff: StaffRule;
  readonly #unknownPath: UnknownPath;

  constructor(
    parts: EndpointParts,
    identity: IdentityField,
    staff: StaffRule,
    unknownPath: UnknownPath,
  ) {
    this.#parts = parts;
    this.#identity = identity;
    this.#staff = staff;
    this.#unknownPath = unknownPath;
  }

  /** The request as read, or the answer that turns it away. Who is not staff learns nothing from a broken body. */
  async admit(
    request: EndpointRequest,
  ): Promise<StaffRequest | { readonly kind: 'turnedAway'; readonly reply: Reply }> {
    const { answers, config } = this.#parts;
    const { live: caller, method } = request;
    if (method !== 'POST' || caller === null) {
      return { kind: 'turnedAway', reply: await this.#unknownPath.answer(request) };
    }
    const asking = askingOf(request);
    const fields = this.#identity.forClient(caller);
    if (!isAskedByOwnSite(request, config.login.allowedOrigins)) {
      return { kind: 'turnedAway', reply: answers.answer('crossSite', asking) };
    }
    if (!this.#staff.mayAct(caller.session)) {
      return { kind: 'turnedAway', reply: answers.tell('notAllowed', asking, {}, fields) };
    }
    const body = readJsonFields(request.body, ['username']);
    if (body.kind === 'read') {
      return { kind: 'admitted', caller, username: body.fields.username, asking, fields };
    }
    const situation = body.kind === 'malformed' ? 'bodyMalformed' : 'bodyIncomplete';
    return { kind: 'turnedAway', reply: answers.answer(situation, asking) };
  }
}
