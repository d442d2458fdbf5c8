import type { RoleRule } from '../config/role-rule.ts';

/** Which role a group gives: the first rule that one of the groups meets wins; nobody has one by default. */
export class RoleRules {
  readonly #rules: readonly RoleRule[];
  readonly #fallback: string;
  readonly #spellingOf: (group: string) => string;

  /** `spellingOf` gives one spelling for all that the directory takes for the same group. */
  constructor(
    rules: readonly RoleRule[],
    fallback: string,
    spellingOf: (group: string) => string = (group) => group,
  ) {
    this.#rules = rules.map(({ group, role }) => ({ group: spellingOf(group), role }));
    this.#fallback = fallback;
    this.#spellingOf = spellingOf;
  }

  /** `otherwise`: what the directory itself says, for those whom no rule names. */
  roleOf(groups: readonly string[], otherwise = this.#fallback): string {
    const held = new Set(groups.map(this.#spellingOf));
    return this.#rules.find(({ group }) => held.has(group))?.role ?? otherwise;
  }
}
