import type { StaffConfig } from '../config/staff.ts';
import type { Principal } from '../identity/principal.ts';
import type { Session } from '../session/session.ts';

/** Who may act for others and end their sessions, and whom that may befall. */
export class StaffRule {
  readonly #roles: ReadonlySet<string>;

  constructor(config: StaffConfig) {
    this.#roles = new Set(config.roles);
  }

  isStaff(principal: Principal): boolean {
    return this.#roles.has(principal.role);
  }

  /** Whoever acts for somebody has that user's rights only, even should those be a staff member's one day. */
  mayAct(session: Session): boolean {
    return session.actor === null && this.isStaff(session.principal);
  }
}
