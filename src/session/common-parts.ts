import type { Principal } from '../identity/principal.ts';

type Common = Pick<Principal, 'directory' | 'role' | 'groups'>;

/** More kinds of people than anybody has; where groups are as many as people, nothing is gained anyway. */
const kindsMax = 10_000;

/**
 * What many people have in common is kept once: directory, role and groups. A principal that was read from a store
 * would else hold copies of them, and there may be a million in the cache.
 */
export class CommonParts {
  #known = new Map<string, Common>();

  /** The same principal. */
  share({ attributes, directory, groups, role, subject }: Principal): Principal {
    const kind = JSON.stringify([directory, role, groups]);
    let common = this.#known.get(kind);
    if (common === undefined) {
      if (this.#known.size >= kindsMax) this.#known = new Map();
      common = { directory, role, groups: Object.freeze([...groups]) };
      this.#known.set(kind, common);
    }
    return {
      subject,
      directory: common.directory,
      role: common.role,
      groups: common.groups,
      attributes,
    };
  }
}
