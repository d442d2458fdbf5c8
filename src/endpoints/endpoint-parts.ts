import type { IdentityConfig } from '../config/identity.ts';
import type { LoginConfig } from '../config/login.ts';
import type { StaffConfig } from '../config/staff.ts';
import type { Answers } from '../http/answers.ts';
import type { SessionCookie } from '../http/set-cookie.ts';
import type { Pages } from '../pages/pages.ts';
import type { Principal } from '../identity/principal.ts';
import type { AuditLog } from '../observability/audit-log.ts';
import type { LoginCounters } from '../observability/login-counters.ts';
import type { Log } from '../observability/log.ts';
import type { Ending, UserEnding } from '../session/ending.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Opening } from '../session/opening.ts';
import type { ListedSession } from '../session/listing.ts';
import type { Resolution } from '../session/resolution.ts';
import type { RevocationNumberAnswer } from '../session/session-store.ts';
import type { Actor } from '../session/session.ts';
import type { FormStates } from '../tokens/form-states.ts';
import type { Admission } from '../users/login-throttle.ts';
import type { Verdict } from '../users/verdict.ts';

/** The sessions, as far as endpoints use them. */
export interface EndpointSessions {
  resolve(token: string): Resolution | Promise<Resolution>;
  /** To be taken before a password is checked: a login that the end of all sessions overtook opens none. */
  revocationNumber(): Promise<RevocationNumberAnswer>;
  open(principal: Principal, actor: Actor | null, since: number): Promise<Opening>;
  /** A further token for the same session. */
  issueToken(live: LiveSession): string;
  end(live: LiveSession): Promise<'ended' | 'unavailable'>;
  /** Of a token whose session is over: whether it is over everywhere by now. */
  confirmEnd(token: string): Promise<'ended' | 'unavailable'>;
  /** Those of a user's sessions whose handle is meant. */
  endSome(
    directory: string,
    subject: string,
    isMeant: (handle: string) => boolean,
  ): Promise<Ending>;
  /** Nothing is done for a caller whose own session is over by now. */
  endAllOf(directory: string, subject: string, caller: LiveSession): Promise<UserEnding>;
  listOf(
    directory: string,
    subject: string,
  ): Promise<
    | { readonly kind: 'listed'; readonly sessions: readonly ListedSession[] }
    | { readonly kind: 'unavailable' }
  >;
}

/** The directories, as far as endpoints use them. */
export interface EndpointDirectories {
  authenticate(username: string, password: string): Promise<Verdict>;
  find(username: string): Promise<Verdict>;
  authenticateToken(token: string): Promise<Verdict>;
}

/** Who guesses has to wait, as far as endpoints know it. */
export interface EndpointThrottle {
  begin(username: string | null, address: string): Promise<Admission>;
}

/** Everything that endpoints are made from. */
export interface EndpointParts {
  readonly answers: Answers;
  readonly pages: Pages;
  readonly forms: FormStates;
  readonly cookie: SessionCookie;
  readonly sessions: EndpointSessions;
  readonly directories: EndpointDirectories;
  readonly throttle: EndpointThrottle;
  readonly audit: AuditLog;
  readonly log: Log;
  readonly logins: LoginCounters;
  /** What this node is called. */
  readonly node: string;
  /** Of the signers of tokens for upstreams. */
  readonly publicKeys: readonly Readonly<Record<string, unknown>>[];
  readonly config: {
    readonly identity: IdentityConfig;
    readonly login: LoginConfig;
    readonly staff: StaffConfig;
    readonly sessions: { readonly idleTimeoutMs: number; readonly impersonationTimeoutMs: number };
  };
}
