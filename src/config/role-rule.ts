import { listOf, optionBlock, text, word } from './kinds.ts';

/** Who is in the group has the role. */
export interface RoleRule {
  readonly group: string;
  readonly role: string;
}

/** `groupForms` says how a group may be named in that kind of directory. */
export function roleRules(groupForms: string) {
  const rule = optionBlock({
    group: text(/^\S(?:.{0,1022}\S)?$/u, 'a group').describe(`The group: ${groupForms}`),
    role: word('a role').describe('The role of everybody in it.'),
  });
  return listOf(rule, 'blocks with group and role')
    .default([])
    .describe(
      'Which groups give which role; the first rule that one of the groups of a user meets wins. ' +
        'Default: none, so that nobody is staff because of being in this directory.',
    );
}

/** The role of everybody whom no rule names. */
export function fallbackRole() {
  return word('a role')
    .default('nobody')
    .describe('The role of everybody whom no rule of `roles` gives one. Default `nobody`.');
}
