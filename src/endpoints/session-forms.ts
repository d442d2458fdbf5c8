import type { LiveSession } from '../session/live-session.ts';
import type { FormStates } from '../tokens/form-states.ts';
import type { Form } from './form.ts';

/** A form may stay open for a working day. */
const lifeMs = 12 * 3_600_000;

/** Forms for somebody who is logged in: good for that session alone. */
export class SessionForms {
  readonly #states: FormStates;

  constructor(states: FormStates) {
    this.#states = states;
  }

  /** `target`: where the form leads in the end, a safe one; null where it says that itself. */
  tokenFor({ session }: LiveSession, target: string | null = null): string {
    return this.#states.seal('session', target === null ? {} : { target }, session.id, lifeMs);
  }

  /** What was sealed; null for a form that was not made for this session. */
  open(form: Form, { session }: LiveSession): { readonly target: string | null } | null {
    const fields = this.#states.open(form.get('token') ?? null, 'session', session.id);
    return fields === null ? null : { target: fields['target'] ?? null };
  }
}
