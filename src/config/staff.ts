import { listOf, optionBlock, word } from './kinds.ts';

/** Who may act for others and end their sessions. */
export interface StaffConfig {
  readonly roles: readonly string[];
}

export const staffOptions = optionBlock({
  roles: listOf(word('a role'), 'roles')
    .default(['staffuser'])
    .describe(
      'The roles whose users may act for others (escalate) and end their sessions (logoutUser); ' +
        'nobody may do that to them. Default: `staffuser`. An empty list means that nobody may. ' +
        'Whoever has such a role can be every user who has not.',
    ),
}).describe('Who counts as staff.');
