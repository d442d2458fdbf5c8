import type { ClaimPath, TokenDirectoryConfig } from '../config/token-directory.ts';
import type { Principal } from '../identity/principal.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { Log } from '../observability/log.ts';
import { ProviderKeys } from '../tokens/provider-keys.ts';
import { ThirdPartyTokens, type Claims } from '../tokens/third-party-token.ts';
import { RoleRules } from './role-rules.ts';
import { canonicalUsername } from './username.ts';
import { rejected, unavailable } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** A verdict on a token: until when the same token may be taken without asking again. */
export type TokenVerdict =
  | (Extract<Verdict, { kind: 'accepted' }> & {
      /** To be looked at again then. */
      readonly goodUntilMs: number;
      /** From then on it lets nobody in. */
      readonly endsAtMs: number;
    })
  | Exclude<Verdict, { kind: 'accepted' }>;

/** A source of principals that is asked about tokens, not about names and passwords. */
export interface TokenSource {
  readonly name: string;
  /** Whether its provider did not answer when it was last asked. */
  readonly isOut?: boolean;
  authenticateToken(token: string): Promise<TokenVerdict>;
}

/** More is no list of groups. */
const groupsMax = 1000;

/** Users whom an identity provider vouches for. It knows nobody by name alone: there is nothing to look up. */
export class TokenDirectory implements TokenSource {
  readonly name: string;
  readonly #config: TokenDirectoryConfig;
  readonly #tokens: ThirdPartyTokens;
  readonly #roles: RoleRules;
  readonly #log: Log;
  readonly #clock: Clock;
  #isOut = false;

  constructor(config: TokenDirectoryConfig, log: Log, clock: Clock = systemClock) {
    const { algorithms, audiences, clockToleranceMs, issuer, keys, name } = config;
    this.name = name;
    this.#config = config;
    this.#log = log;
    this.#clock = clock;
    this.#roles = new RoleRules(config.roles, config.role);
    const onChange = (error: unknown): void => {
      this.#isOut = error !== null;
      if (error === null) log.info('provider.back', { directory: name });
      else log.error('provider.out', { directory: name, ...errorFields(error) });
    };
    this.#tokens = new ThirdPartyTokens({
      issuer,
      audiences,
      algorithms,
      clockToleranceMs,
      keys: new ProviderKeys({ issuer, config: keys, algorithms, clock, onChange }),
    });
  }

  get isOut(): boolean {
    return this.#isOut;
  }

  async authenticateToken(token: string): Promise<TokenVerdict> {
    const nowMs = this.#clock.now();
    const reading = await this.#tokens.read(token, nowMs);
    if (reading.kind === 'unavailable') return unavailable;
    if (reading.kind === 'rejected') {
      this.#log.debug('token.rejected', { directory: this.name, reason: reading.reason });
      return rejected;
    }
    const principal = this.#principalOf(reading.claims);
    if (principal === null) return rejected;
    const { bearer, clockToleranceMs } = this.#config;
    const goodUntilMs = Math.min(reading.expiresAtMs, nowMs + bearer.cacheMs);
    // Until then it lets somebody in, so what it has opened goes on.
    const endsAtMs = reading.expiresAtMs + clockToleranceMs;
    return { kind: 'accepted', principal, goodUntilMs, endsAtMs };
  }

  #principalOf(claims: Claims): Principal | null {
    const { groups: groupsAt, role: roleAt, subject: subjectAt } = this.#config.claims;
    const subject = claimAt(claims, subjectAt);
    // A name that is not the one spelling of itself could be mistaken for somebody else's.
    if (typeof subject !== 'string' || canonicalUsername(subject) !== subject) {
      this.#log.warn('token.unnamed', { directory: this.name, claim: subjectAt.join('.') });
      return null;
    }
    const groups = namesIn(claimAt(claims, groupsAt)).toSorted();
    const claimed = roleAt === null ? undefined : claimAt(claims, roleAt);
    const role = this.#roles.roleOf(groups, isName(claimed) ? claimed : undefined);
    return {
      subject,
      directory: this.name,
      role,
      groups,
      attributes: {},
    };
  }
}

function claimAt(claims: Claims, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}

function namesIn(claimed: unknown): readonly string[] {
  const listed: readonly unknown[] = Array.isArray(claimed) ? claimed : [claimed];
  return [...new Set(listed.slice(0, groupsMax).filter(isName))];
}

/** What could have stood in the configuration as a role or a group. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^\S(?:.{0,148}\S)?$/u.test(value) && !/\p{C}/u.test(value);
}
