import {
  AndFilter,
  EqualityFilter,
  ExtensibleFilter,
  OrFilter,
  type Entry,
  type Filter,
} from 'ldapts';
import type { LdapGroupsConfig } from '../config/ldap-directory.ts';
import { firstValueOf, normalDn } from './ldap-dn.ts';
import { nameOf, valuesOf, type LdapAsked } from './ldap-entry.ts';
import { isNoSuchEntry } from './ldap-failure.ts';

/** `memberOf` of a member and all groups above it, walked by the server (MS-ADTS §3.1.1.3.4.4). */
const inChainRule = '1.2.840.113556.1.4.1941';

/** Names in one question for the groups of groups. */
const namesPerSearch = 50;
/** Entries that are read at once where groups say themselves what they are in. */
const readsAtOnce = 8;

export interface LdapMembership {
  /** Distinguished names, as the directory spells them, each once. */
  readonly groups: readonly string[];
  /** There are more, which were not looked for. */
  readonly isCut: boolean;
}

/**
 * The groups of an entry, those that its groups are in included where that is configured. A loop of groups is walked
 * once, and depth and number are bounded; what is beyond that gives no rights.
 */
export async function membershipOf(
  asked: LdapAsked,
  config: LdapGroupsConfig,
  entry: Entry,
  nameAttribute: string,
): Promise<LdapMembership> {
  const found = new Map<string, string>();
  let level = await firstGroups(asked, config, entry, nameAttribute);
  for (let depth = 0; ; depth += 1) {
    const added: string[] = [];
    for (const dn of level) {
      const key = normalDn(dn);
      if (key === null || found.has(key)) continue;
      if (found.size >= config.groupsMax) return { groups: [...found.values()], isCut: true };
      found.set(key, dn);
      added.push(dn);
    }
    if (added.length === 0 || depth >= config.depthMax) {
      return { groups: [...found.values()], isCut: added.length > 0 && config.depthMax > 0 };
    }
    level = await groupsAbove(asked, config, added);
  }
}

/** The name that a group goes by. */
export function groupName(dn: string): string {
  return firstValueOf(dn) ?? dn;
}

async function firstGroups(
  asked: LdapAsked,
  config: LdapGroupsConfig,
  entry: Entry,
  nameAttribute: string,
): Promise<readonly string[]> {
  switch (config.from) {
    case 'none':
      return [];
    case 'memberOf':
      return valuesOf(entry, config.attribute);
    case 'activeDirectory': {
      const member = new ExtensibleFilter({
        matchType: 'member',
        rule: inChainRule,
        value: entry.dn,
      });
      return await searchGroups(asked, config, 'group', member);
    }
    case 'posixGroup': {
      // These name their members by user name, and hold no groups.
      const value = nameOf(entry, nameAttribute) ?? '';
      const member = new EqualityFilter({ attribute: 'memberUid', value });
      return await searchGroups(asked, config, config.from, member);
    }
    case 'groupOfNames':
    case 'groupOfUniqueNames':
      return await groupsWith(asked, config, [entry.dn]);
  }
}

async function groupsAbove(
  asked: LdapAsked,
  config: LdapGroupsConfig,
  dns: readonly string[],
): Promise<readonly string[]> {
  switch (config.from) {
    case 'none':
    case 'activeDirectory':
    case 'posixGroup':
      return [];
    case 'memberOf':
      return await inPieces(dns, readsAtOnce, async (piece) =>
        (await Promise.all(piece.map((dn) => readMemberOf(asked, config, dn)))).flat(),
      );
    case 'groupOfNames':
    case 'groupOfUniqueNames':
      return await inPieces(dns, namesPerSearch, (piece) => groupsWith(asked, config, piece));
  }
}

/** A group that is out of our sight is in no others that matter here. */
async function readMemberOf(
  asked: LdapAsked,
  config: LdapGroupsConfig,
  dn: string,
): Promise<readonly string[]> {
  try {
    const [entry] = await asked.search({
      base: dn,
      scope: 'base',
      filter: '(objectClass=*)',
      attributes: [config.attribute],
      entriesMax: 1,
    });
    return entry === undefined ? [] : valuesOf(entry, config.attribute);
  } catch (error) {
    if (isNoSuchEntry(error)) return [];
    throw error;
  }
}

async function groupsWith(
  asked: LdapAsked,
  config: LdapGroupsConfig,
  members: readonly string[],
): Promise<readonly string[]> {
  const isUnique = config.from === 'groupOfUniqueNames';
  const attribute = isUnique ? 'uniqueMember' : 'member';
  const filters = members.map((value) => new EqualityFilter({ attribute, value }));
  const objectClass = isUnique ? 'groupOfUniqueNames' : 'groupOfNames';
  return await searchGroups(asked, config, objectClass, new OrFilter({ filters }));
}

async function searchGroups(
  asked: LdapAsked,
  config: LdapGroupsConfig,
  objectClass: string,
  filter: Filter,
): Promise<readonly string[]> {
  const ofClass = new EqualityFilter({ attribute: 'objectClass', value: objectClass });
  const entries = await asked.search({
    base: config.base,
    scope: 'sub',
    filter: new AndFilter({ filters: [ofClass, filter] }),
    attributes: ['1.1'],
    entriesMax: config.groupsMax + 1,
  });
  return entries.map(({ dn }) => dn);
}

async function inPieces<T>(
  all: readonly string[],
  size: number,
  ask: (piece: readonly string[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const answers: T[] = [];
  for (let at = 0; at < all.length; at += size) {
    // One piece after another on purpose: a login may not take the whole server.
    answers.push(...(await ask(all.slice(at, at + size))));
  }
  return answers;
}
