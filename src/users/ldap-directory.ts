import { randomBytes } from 'node:crypto';
import type { Entry } from 'ldapts';
import type { LdapDirectoryConfig, LdapServerConfig } from '../config/ldap-directory.ts';
import type { Principal } from '../identity/principal.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { Log } from '../observability/log.ts';
import { isPasswordAcceptable } from '../passwords/password.ts';
import { BindSlots, noSlot } from './bind-slots.ts';
import type { Directory } from './directory.ts';
import { LdapConnection } from './ldap-connection.ts';
import { normalDn } from './ldap-dn.ts';
import { nameOf, type LdapAsked } from './ldap-entry.ts';
import { isNoSuchEntry, LdapOutage, readBindFailure, resultCodeOf } from './ldap-failure.ts';
import { groupName, membershipOf } from './ldap-groups.ts';
import { LdapPool } from './ldap-pool.ts';
import { LdapServers } from './ldap-servers.ts';
import { isBarred, passwordMarkIn, standingAttributes } from './ldap-standing.ts';
import { bindNameFor, filterFor, isDnTemplate, standingFilterFor } from './ldap-template.ts';
import { OutageGate, stillOut } from './outage-gate.ts';
import { RoleRules } from './role-rules.ts';
import { canonicalUsername } from './username.ts';
import { accepted, rejected, rejectedAs, unavailable } from './verdict.ts';
import type { Standing } from './standing.ts';
import type { Verdict } from './verdict.ts';

/** What a bind with a user's password came to, and who the server then took the connection for. */
type Bound<T> = { readonly isBound: true; readonly answer: T } | { readonly isBound: false };

/**
 * Users of an LDAP server or of Active Directory. Either a service account looks the user up, and the password is tried
 * with a bind as the entry that was found; or the name to bind with is made from what was typed (`bindName`).
 */
export class LdapDirectory implements Directory {
  readonly name: string;
  readonly #config: LdapDirectoryConfig;
  readonly #log: Log;
  readonly #servers: LdapServers;
  readonly #service: LdapPool | null;
  readonly #slots: BindSlots;
  readonly #gate: OutageGate;
  readonly #roles: RoleRules;

  constructor(config: LdapDirectoryConfig, log: Log, clock: Clock = systemClock) {
    const { bindQueueMax, bindsMax, failoverMs, operationTimeoutMs } = config;
    this.name = config.name;
    this.#config = config;
    this.#log = log;
    this.#servers = new LdapServers(config.servers, failoverMs, clock);
    this.#service = createService(config, this.#servers, clock);
    this.#slots = new BindSlots(bindsMax, bindQueueMax, operationTimeoutMs);
    this.#gate = new OutageGate({
      clock,
      pauseMs: 0,
      isOutage: isServerOut,
      onChange: (isOut, error) => this.#tell(isOut, error),
    });
    this.#roles = new RoleRules(config.roles, config.role, spellingOf);
  }

  async authenticate(username: string, password: string): Promise<Verdict> {
    const name = canonicalUsername(username);
    // An empty password would make the bind an anonymous one, which succeeds: it never gets to the network.
    if (name === null || !isPasswordAcceptable(password)) return rejected;
    const { bindName } = this.#config;
    const verdict = await this.#slots.run(() =>
      this.#ask(() =>
        bindName === null
          ? this.#searchAndBind(name, password)
          : this.#bindAndSearch(bindName, name, password),
      ),
    );
    if (verdict !== noSlot) return verdict;
    this.#log.warn('ldap.busy', { directory: this.name });
    return unavailable;
  }

  /** Without a service account nobody can be looked up, which is not the same as being unknown. */
  async find(username: string): Promise<Verdict> {
    const name = canonicalUsername(username);
    if (name === null) return rejected;
    const service = this.#service;
    if (service === null) return unavailable;
    return await this.#ask(async () => {
      const entry = await this.#lookUp(service, name);
      return entry === null ? rejected : await this.#verdictOn(service, entry);
    });
  }

  /** Looked up by the name that the entry gave: what was typed at the login may have been another one. */
  async standing(username: string): Promise<Standing> {
    const name = canonicalUsername(username);
    if (name === null) return rejected;
    const service = this.#service;
    if (service === null) return unavailable;
    const { filter, nameAttribute } = this.#config.users;
    const own = standingFilterFor(filter, nameAttribute, name);
    return await this.#ask(async () => {
      const entry = await this.#lookUp(service, name, own);
      if (entry === null || isBarred(entry)) return rejected;
      const verdict = await this.#verdictOn(service, entry);
      if (verdict.kind !== 'accepted') return verdict;
      return { ...verdict, passwordMark: verdict.passwordMark ?? null };
    });
  }

  get isOut(): boolean {
    return this.#gate.isOut;
  }

  async close(): Promise<void> {
    this.#service?.close();
  }

  async #ask<T>(question: () => Promise<T>): Promise<T | typeof unavailable> {
    try {
      const verdict = await this.#gate.run(question);
      return verdict === stillOut ? unavailable : verdict;
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#log.debug('ldap.failed', { directory: this.name, ...failureFields(error) });
      return unavailable;
    }
  }

  async #searchAndBind(name: string, password: string): Promise<Verdict> {
    const service = this.#service;
    if (service === null) throw new LdapOutage('no service account');
    const entry = await this.#lookUp(service, name);
    if (entry === null) {
      // The same steps as for somebody who is there; what was typed is nobody's password here and is not sent.
      const nobody = `cn=${randomBytes(12).toString('hex')},${this.#config.users.base}`;
      await this.#bindAs(nobody, randomBytes(12).toString('hex'), true, async () => null);
      return rejected;
    }
    const bound = await this.#bindAs(entry.dn, password, false, async (connection) => {
      const authorised = await connection.whoAmI();
      return authorised === null
        ? await seesItself(connection, entry)
        : this.#isSomebody(authorised);
    });
    if (!bound.isBound || !bound.answer) {
      return rejectedAs(this.name, nameOf(entry, this.#config.users.nameAttribute));
    }
    return await this.#verdictOn(service, entry);
  }

  async #bindAndSearch(template: string, name: string, password: string): Promise<Verdict> {
    const bindName = bindNameFor(template, name);
    if (bindName === null) return rejected;
    const bound = await this.#bindAs(bindName, password, true, async (connection) => {
      const authorised = await connection.whoAmI();
      if (!this.#isSomebody(authorised)) return rejected;
      const asked = this.#service ?? connection;
      const entry = await this.#lookUp(asked, name);
      if (entry === null) return rejected;
      if (isDnTemplate(template) || this.#isSame(authorised, entry)) {
        return await this.#verdictOn(asked, entry);
      }
      return rejected;
    });
    return bound.isBound ? bound.answer : rejected;
  }

  /** Tries a password on a connection of its own, which then asks what is to be asked as that user. */
  async #bindAs<T>(
    name: string,
    password: string,
    isNameMade: boolean,
    then: (connection: LdapConnection) => Promise<T>,
  ): Promise<Bound<T>> {
    return await this.#servers.first(async (server) => {
      const connection = await this.#connect(server);
      try {
        await connection.bind(name, password);
      } catch (error) {
        connection.close();
        const { kind, code, subCode } = readBindFailure(error, isNameMade);
        if (kind === 'outage') throw error;
        this.#log.debug('ldap.refused', { directory: this.name, code, subCode });
        return { isBound: false };
      }
      try {
        return { isBound: true, answer: await then(connection) };
      } finally {
        connection.close();
      }
    });
  }

  async #connect(server: LdapServerConfig): Promise<LdapConnection> {
    return await connect(this.#config, server);
  }

  /** The entry of that name, if there is exactly one: whoever shares a name with another logs in as neither. */
  async #lookUp(
    asked: LdapAsked,
    name: string,
    filter = filterFor(this.#config.users.filter, name),
  ): Promise<Entry | null> {
    const { bindName, groups, users } = this.#config;
    const isByName = bindName !== null && isDnTemplate(bindName);
    const attributes = [
      users.nameAttribute,
      ...standingAttributes,
      ...(groups.from === 'memberOf' ? [groups.attribute] : []),
    ];
    try {
      const entries = await asked.search({
        base: isByName ? (bindNameFor(bindName, name) ?? '') : users.base,
        scope: isByName ? 'base' : 'sub',
        filter,
        attributes,
        entriesMax: 2,
      });
      const [entry] = entries;
      if (entries.length > 1) this.#log.warn('ldap.ambiguous', { directory: this.name });
      return entries.length === 1 && entry !== undefined && entry.dn !== '' ? entry : null;
    } catch (error) {
      if (isByName && (isNoSuchEntry(error) || resultCodeOf(error) === 34)) return null;
      throw error;
    }
  }

  async #verdictOn(asked: LdapAsked, entry: Entry): Promise<Verdict> {
    const { groups, users } = this.#config;
    const subject = nameOf(entry, users.nameAttribute);
    if (subject === null || canonicalUsername(subject) !== subject) {
      this.#log.warn('ldap.unnamed', { directory: this.name, attribute: users.nameAttribute });
      return rejected;
    }
    const membership = await membershipOf(asked, groups, entry, users.nameAttribute);
    if (membership.isCut) this.#log.warn('ldap.groups_cut', { directory: this.name, subject });
    const names = new Set(membership.groups.map(groupName));
    const principal: Principal = {
      subject,
      directory: this.name,
      role: this.#roles.roleOf([...membership.groups, ...names]),
      groups: [...names].toSorted(),
      attributes: {},
    };
    return accepted(principal, passwordMarkIn(entry));
  }

  /** A bind that a server took for an anonymous one let nobody in. */
  #isSomebody(authorised: string | null): boolean {
    if (authorised !== '' && authorised !== 'dn:') return true;
    this.#log.error('ldap.anonymous', { directory: this.name });
    return false;
  }

  /**
   * Whether the entry that was found is who has just logged in: the part before the `@` of one user may be the account
   * name of another one.
   */
  #isSame(authorised: string | null, entry: Entry): boolean {
    const colon = authorised?.indexOf(':') ?? -1;
    const kind = authorised?.slice(0, colon);
    const value = authorised?.slice(colon + 1) ?? '';
    if (kind === 'dn') return normalDn(value) !== null && normalDn(value) === normalDn(entry.dn);
    const account = /^(?:[^\\]*\\)?([^\\@]+)(?:@[^@]*)?$/.exec(value)?.[1];
    const name = nameOf(entry, this.#config.users.nameAttribute);
    const isSame = kind === 'u' && account?.toLowerCase() === name?.toLowerCase();
    if (!isSame) this.#log.warn('ldap.other_entry', { directory: this.name });
    return isSame;
  }

  #tell(isOut: boolean, error: unknown): void {
    if (isOut) this.#log.error('ldap.out', { directory: this.name, ...failureFields(error) });
    else this.#log.info('ldap.back', { directory: this.name });
  }
}

async function connect(
  config: LdapDirectoryConfig,
  server: LdapServerConfig,
): Promise<LdapConnection> {
  const { connectTimeoutMs, isStartTls, operationTimeoutMs, tls } = config;
  return await LdapConnection.open(
    { server, isStartTls, tls, connectTimeoutMs },
    operationTimeoutMs,
  );
}

function createService(
  config: LdapDirectoryConfig,
  servers: LdapServers,
  clock: Clock,
): LdapPool | null {
  const { connections: size, service } = config;
  if (service === null) return null;
  const open = async (server: LdapServerConfig): Promise<LdapConnection> => {
    const connection = await connect(config, server);
    try {
      await connection.bind(service.dn, service.password.reveal());
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  };
  return new LdapPool({ open, servers, size, clock });
}

/** For servers that do not know "who am I": whoever was let in as an entry can read its name. */
async function seesItself(connection: LdapConnection, { dn }: Entry): Promise<boolean> {
  try {
    const filter = '(objectClass=*)';
    const search = { base: dn, scope: 'base', filter, attributes: ['1.1'], entriesMax: 1 } as const;
    return (await connection.search(search)).length === 1;
  } catch (error) {
    if (isNoSuchEntry(error)) return false;
    throw error;
  }
}

/** Groups in rules are named by their distinguished names or by their own; neither minds case. */
function spellingOf(group: string): string {
  return (group.includes('=') ? normalDn(group) : null) ?? group.toLowerCase();
}

/** What the server or the way to it gave us, and not a fault of ours. A referral counts: it is nobody's refusal. */
function isOutage(error: unknown): boolean {
  return error instanceof LdapOutage || resultCodeOf(error) !== null;
}

/** One strange entry must not close the directory to everybody: an odd answer to one question is no outage of it. */
function isServerOut(error: unknown): boolean {
  const code = resultCodeOf(error);
  return error instanceof LdapOutage || code === 51 || code === 52;
}

function failureFields(error: unknown): { code: number | null; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  return { code: resultCodeOf(error), message };
}
