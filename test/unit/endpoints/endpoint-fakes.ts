import { createEndpoints } from '../../../src/endpoints/endpoints.ts';
import type { EndpointRequest } from '../../../src/endpoints/endpoint.ts';
import type { EndpointParts, EndpointSessions } from '../../../src/endpoints/endpoint-parts.ts';
import type { EndpointName } from '../../../src/config/route.ts';
import { Answers, type AnswerMode } from '../../../src/http/answers.ts';
import type { Reply } from '../../../src/http/reply.ts';
import { SessionCookie } from '../../../src/http/set-cookie.ts';
import type { Principal } from '../../../src/identity/principal.ts';
import type { LoginThrottleConfig } from '../../../src/config/login-throttle.ts';
import { LocalBuckets } from '../../../src/lib/local-buckets.ts';
import { silentAuditLog, type AuditRecord } from '../../../src/observability/audit-log.ts';
import { KnownPlaces } from '../../../src/users/known-places.ts';
import { LoginThrottle } from '../../../src/users/login-throttle.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { LoginCounters } from '../../../src/observability/login-counters.ts';
import type { LogFields } from '../../../src/observability/log.ts';
import type { Settlement } from '../../../src/session/commit.ts';
import type { LiveSession } from '../../../src/session/live-session.ts';
import type { Actor } from '../../../src/session/session.ts';
import { Pages } from '../../../src/pages/pages.ts';
import { FormStates } from '../../../src/tokens/form-states.ts';
import { pagesConfig } from '../../support/pages-config.ts';
import { accepted, rejected, unavailable, type Verdict } from '../../../src/users/verdict.ts';

export function person(subject: string, role: string, ...groups: string[]): Principal {
  return { subject, directory: 'users', role, groups, attributes: {} };
}

export const user1 = person('user1', 'physician', 'group1', 'group2');
export const user2 = person('user2', 'patient');
export const admin = person('admin', 'staffuser');

const loginAtMs = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

export function liveOf(principal: Principal, id: string, actor: Actor | null = null): LiveSession {
  return {
    session: {
      id,
      handle: `handle-${id}`,
      principal,
      actor: actor && { subject: actor.subject, directory: actor.directory, sessionKey: 'key' },
      createdAtMs: loginAtMs,
      absoluteDeadlineMs: loginAtMs + 12 * 3_600_000,
      lastSeenAtMs: loginAtMs + 60_000,
      version: 1,
    },
    identityFields: '',
    lastTouchedAtMs: loginAtMs,
  };
}

/** Tokens are `t1`, `t2` and so on, in the order of the logins. */
export class FakeSessions implements EndpointSessions {
  readonly live = new Map<string, LiveSession>();
  isOut = false;
  deeds: string[] = [];
  /** How often all sessions of somebody were ended. */
  revocations = 0;
  #opened = 0;

  resolve(token: string): ReturnType<EndpointSessions['resolve']> {
    if (this.isOut) return { kind: 'unavailable' };
    const live = this.live.get(token);
    return live === undefined ? { kind: 'none', reason: 'unknown' } : { kind: 'valid', live };
  }

  async revocationNumber(): ReturnType<EndpointSessions['revocationNumber']> {
    return this.isOut
      ? { kind: 'unavailable', reason: 'silent' }
      : { kind: 'number', number: this.revocations };
  }

  async open(
    principal: Principal,
    actor: Actor | null,
    since: number,
  ): ReturnType<EndpointSessions['open']> {
    if (this.isOut) return { kind: 'unavailable', reason: 'silent' };
    if (since < this.revocations) return { kind: 'unavailable', reason: 'overtaken' };
    this.#opened += 1;
    const token = `t${String(this.#opened)}`;
    const live = liveOf(principal, `s${String(this.#opened)}`, actor);
    this.live.set(token, live);
    this.deeds.push(`open ${principal.subject}`);
    return { kind: 'opened', live, token };
  }

  async end(live: LiveSession): Promise<'ended' | 'unavailable'> {
    if (this.isOut) return 'unavailable';
    for (const [token, other] of this.live) if (other === live) this.live.delete(token);
    this.deeds.push(`end ${live.session.id}`);
    return 'ended';
  }

  confirmEnd(): Promise<'ended' | 'unavailable'> {
    return Promise.resolve(this.isOut ? 'unavailable' : 'ended');
  }

  issueToken(live: LiveSession): string {
    const token = `again-${live.session.id}`;
    this.live.set(token, live);
    return token;
  }

  async endSome(
    directory: string,
    subject: string,
    isMeant: (handle: string) => boolean,
  ): ReturnType<EndpointSessions['endSome']> {
    if (this.isOut) return { kind: 'unavailable' };
    const theirs = [...this.live].filter(
      ([, { session }]) => isOf(session, directory, subject) && isMeant(session.handle),
    );
    for (const [token] of theirs) this.live.delete(token);
    return { kind: 'ended', count: theirs.length, settlement };
  }

  async endAllOf(directory: string, subject: string): ReturnType<EndpointSessions['endAllOf']> {
    if (this.isOut) return { kind: 'unavailable' };
    this.revocations += 1;
    const theirs = [...this.live].filter(([, { session }]) => isOf(session, directory, subject));
    for (const [token] of theirs) this.live.delete(token);
    return { kind: 'ended', count: theirs.length, settlement };
  }

  async listOf(directory: string, subject: string): ReturnType<EndpointSessions['listOf']> {
    if (this.isOut) return { kind: 'unavailable' };
    const sessions = [...this.live.values()].map((live) => live.session);
    return {
      kind: 'listed',
      sessions: sessions.filter((session) => isOf(session, directory, subject)),
    };
  }
}

const settlement: Settlement = {
  members: 1,
  acknowledged: 1,
  waitedMs: 0,
  isReplicated: null,
};

function isOf({ principal }: LiveSession['session'], directory: string, subject: string): boolean {
  return principal.directory === directory && principal.subject === subject;
}

/** Everybody's password is `pass`. */
export class FakeDirectories {
  readonly people: Principal[] = [user1, user2, admin];
  readonly superusers = new Set<string>();
  isOut = false;
  asked: string[] = [];

  async authenticate(username: string, password: string): Promise<Verdict> {
    this.asked.push(username);
    const verdict = await this.find(username);
    return password === 'pass' || this.isOut ? verdict : rejected;
  }

  /** Tokens are names behind a word. */
  async authenticateToken(token: string): Promise<Verdict> {
    return token.startsWith('token-of-') ? await this.find(token.slice(9)) : rejected;
  }

  async find(username: string): Promise<Verdict> {
    if (this.isOut) return unavailable;
    const found = this.people.find((principal) => principal.subject === username);
    if (found === undefined) return rejected;
    return this.superusers.has(username)
      ? { kind: 'accepted', principal: found, isProtected: true }
      : accepted(found);
  }
}

export type Asked = Partial<EndpointRequest> & {
  readonly fields?: Record<string, string>;
  readonly cookies?: Record<string, string>;
};

export interface Room {
  readonly parts: EndpointParts;
  readonly sessions: FakeSessions;
  readonly directories: FakeDirectories;
  readonly logins: LoginCounters;
  readonly logged: { event: string; fields: LogFields }[];
  readonly audited: AuditRecord[];
  readonly state: { isAuditFailing: boolean };
  ask(name: EndpointName, asked?: Asked): Promise<Reply>;
  /** A POST with a JSON body. */
  post(name: EndpointName, body: unknown, asked?: Asked): Promise<Reply>;
  /** A new session, logged in. */
  enter(principal: Principal): Promise<{ live: LiveSession; cookieToken: string }>;
}

const throttle: LoginThrottleConfig = {
  isEnabled: true,
  account: { failures: 3, regainMs: 60_000 },
  address: { failures: 100, regainMs: 60_000 },
  overall: { failures: 1_000, regainMs: 1_000 },
  exemptAddresses: [],
  entriesMax: 1_000,
};

export function room(mode: AnswerMode, config: Partial<EndpointParts['config']> = {}): Room {
  const cookie = new SessionCookie({ name: null, path: '/', sameSite: 'Lax', maxAgeMs: 0 });
  const login = {
    directories: ['users'],
    allowedOrigins: ['https://ok.example'],
    bodyBytesMax: 16_384,
    url: null,
    home: '/home',
    returnHosts: ['other.example'],
    throttle,
  };
  const pages = new Pages(pagesConfig, login);
  const audited: AuditRecord[] = [];
  const audit = {
    ...silentAuditLog,
    note: (record: AuditRecord) => void audited.push(record),
    admits: async (record: AuditRecord) => {
      audited.push(record);
      return !state.isAuditFailing;
    },
  };
  const state = { isAuditFailing: false };
  const sessions = new FakeSessions();
  const directories = new FakeDirectories();
  const logins = new LoginCounters(['users']);
  const logged: Room['logged'] = [];
  const event = (name: string, fields: LogFields = {}): void => {
    logged.push({ event: name, fields });
  };
  const parts: EndpointParts = {
    answers: new Answers(mode, cookie, pages),
    pages,
    forms: new FormStates({ keys: [] }, systemClock),
    cookie,
    sessions,
    directories,
    throttle: new LoginThrottle({
      config: throttle,
      buckets: new LocalBuckets(systemClock, {
        entriesMax: throttle.entriesMax,
        whenFull: 'share',
      }),
      places: new KnownPlaces(100),
    }),
    audit,
    log: { debug: event, info: event, warn: event, error: event },
    logins,
    node: 'node-1',
    publicKeys: [],
    config: {
      identity: { field: 'X-UserInfo', format: 'tyke', bytesMax: 4096 },
      login,
      staff: { roles: ['staffuser'], protectedRoles: [], isPasswordAsked: false },
      sessions: { idleTimeoutMs: 1_800_000, impersonationTimeoutMs: 1_800_000 },
      ...config,
    },
  };
  const endpoints = createEndpoints(parts);
  const ask: Room['ask'] = async (name, asked = {}) => {
    const { cookies = {}, fields = {}, ...request } = asked;
    const endpoint = endpoints.get(name);
    if (endpoint === undefined) throw new Error(`no endpoint ${name}`);
    return await endpoint.answer({
      method: 'GET',
      path: `/${name}`,
      query: '',
      loginUrl: null,
      requestId: '0'.repeat(32),
      isSecure: false,
      host: 'app.example',
      clientAddress: '192.0.2.1',
      peerAddress: '192.0.2.1',
      live: null,
      cookieToken: null,
      isRenewalDue: false,
      body: Buffer.alloc(0),
      field: (key) => fields[key],
      cookie: (key) => cookies[key] ?? null,
      fieldLines: () => Object.entries(fields),
      ...request,
    });
  };
  return {
    ...{ parts, sessions, directories, logins, logged, audited, state, ask },
    post: (name, body, asked = {}) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return ask(name, { method: 'POST', body: Buffer.from(text), ...asked });
    },
    enter: async (principal) => {
      const opening = await sessions.open(principal, null, sessions.revocations);
      if (opening.kind !== 'opened') throw new Error('the store is out');
      return { live: opening.live, cookieToken: opening.token };
    },
  };
}

/** A field of a reply. */
export function valueOf(reply: Reply, name: string): string | undefined {
  return reply.fields.find(([key]) => key === name)?.[1];
}

export const cleared =
  'portcullis=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; SameSite=Lax';
