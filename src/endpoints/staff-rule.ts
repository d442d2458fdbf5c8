import type { StaffConfig } from '../config/staff.ts';
import type { Principal } from '../identity/principal.ts';
import type { Session } from '../session/session.ts';

/** Who may act for others and end their sessions, and whom that may befall. */
export class StaffRule {
  readonly #roles: ReadonlySet<string>;
  readonly #protected: ReadonlySet<string>;

  constructor(config: StaffConfig) {
    this.#roles = new Set(config.roles);
    this.#protected = new Set([...config.roles, ...config.protectedRoles]);
  }

  isStaff(principal: Principal): boolean {
    return this.#roles.has(principal.role);
  }

  /** Nobody acts for them or ends their sessions. */
  isProtected(principal: Principal): boolean {
    return this.#protected.has(principal.role);
  }

  /** Whoever acts for somebody has that user's rights only, even should those be a staff member's one day. */
  mayAct(session: Session): boolean {
    return session.actor === null && this.isStaff(session.principal);
  }
}
