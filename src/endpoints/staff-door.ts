import { askingOf, type Asking } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import type { LiveSession } from '../session/live-session.ts';
import { isAskedByOwnSite } from './asking.ts';
import type { EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import type { IdentityField } from './identity-field.ts';
import { isForm, readForm } from './form.ts';
import { readJsonFields } from './json-fields.ts';
import type { SessionForms } from './session-forms.ts';
import type { StaffRule } from './staff-rule.ts';
import type { UnknownPath } from './unknown-path.ts';

/** A staff member asks for something to be done to a user. */
export interface StaffRequest {
  readonly kind: 'admitted';
  readonly caller: LiveSession;
  /** As it was typed. */
  readonly username: string;
  /** The caller's own, where one came. */
  readonly password: string | null;
  readonly asking: Asking;
  /** A page of ours sent it: the answer is a page, too. */
  readonly isForm: boolean;
  /** Where the form leads in the end. */
  readonly target: string | null;
  /** Tells the caller who it is, where answers do that. */
  readonly fields: Reply['fields'];
}

/** What the body says. */
type Wish =
  | {
      readonly kind: 'read';
      readonly wish: Pick<StaffRequest, 'username' | 'password' | 'isForm' | 'target'>;
    }
  | { readonly kind: 'bodyMalformed' | 'bodyIncomplete' | 'formExpired' };

/** What both staff endpoints have in common: who may ask, and how. */
export class StaffDoor {
  readonly #parts: EndpointParts;
  readonly #identity: IdentityField;
  readonly #staff: StaffRule;
  readonly #forms: SessionForms;
  readonly #unknownPath: UnknownPath;

  constructor(
    parts: EndpointParts,
    identity: IdentityField,
    staff: StaffRule,
    forms: SessionForms,
    unknownPath: UnknownPath,
  ) {
    this.#parts = parts;
    this.#identity = identity;
    this.#staff = staff;
    this.#forms = forms;
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
    const wish = this.#wishOf(caller, request);
    return wish.kind === 'read'
      ? { kind: 'admitted', caller, ...wish.wish, asking, fields }
      : { kind: 'turnedAway', reply: answers.answer(wish.kind, asking) };
  }

  /** Tyke had no forms. */
  #wishOf(caller: LiveSession, request: EndpointRequest): Wish {
    if (this.#parts.answers.mode === 'modern' && isForm(request)) {
      const form = readForm(request);
      if (form === null) return { kind: 'bodyMalformed' };
      const sealed = this.#forms.open(form, caller);
      if (sealed === null) return { kind: 'formExpired' };
      const username = form.get('username') ?? '';
      const password = form.get('password') ?? null;
      return { kind: 'read', wish: { ...sealed, username, password, isForm: true } };
    }
    const body = readJsonFields(request.body, ['username']);
    if (body.kind !== 'read') {
      return { kind: body.kind === 'malformed' ? 'bodyMalformed' : 'bodyIncomplete' };
    }
    const own = readJsonFields(request.body, ['password']);
    const password = own.kind === 'read' ? own.fields.password : null;
    return { kind: 'read', wish: { ...body.fields, password, isForm: false, target: null } };
  }
}
