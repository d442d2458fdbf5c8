import { flag, listOf, optionBlock, word } from './kinds.ts';

/** Who may act for others and end their sessions. */
export interface StaffConfig {
  readonly roles: readonly string[];
  /** Above staff: nobody acts for these either. */
  readonly protectedRoles: readonly string[];
  /** Whether staff who act for somebody say their own password again. */
  readonly isPasswordAsked: boolean;
}

export const staffOptions = optionBlock({
  roles: listOf(word('a role'), 'roles')
    .default(['staffuser'])
    .describe(
      'The roles whose users may act for others (escalate) and end their sessions (logoutUser); ' +
        'nobody may do that to them. Default: `staffuser`. An empty list means that nobody may. ' +
        'Whoever has such a role can be every user who has not.',
    ),
  protectedRoles: listOf(word('a role'), 'roles')
    .default([])
    .describe(
      'Roles above staff, such as administrators: staff may not act for these users or end their ' +
        'sessions, and they get no powers by it. Default: none. Superusers of a Django directory are ' +
        'protected whatever their role. Where a role can do more than staff and is not named here, ' +
        'staff can become it.',
    ),
  passwordReentry: flag()
    .default(false)
    .describe(
      'Whether escalate asks for the own password again (`password` beside `username`), so that a ' +
        'browser that was left open acts for nobody. Off by default: clients of Tyke send none. ' +
        'Staff whom an identity provider vouched for have no password here and cannot escalate then.',
    ),
}).describe('Who counts as staff.');
