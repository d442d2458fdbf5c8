import type { AccessLogConfig } from './access-log.ts';
import type { AdminConfig } from './admin.ts';
import type { AuditConfig } from './audit.ts';
import type { ControlConfig } from './control.ts';
import type { CoherenceConfig } from './coherence.ts';
import type { CookieConfig } from './cookie.ts';
import type { DirectoryConfig } from './directory.ts';
import type { ExplainConfig } from './explain.ts';
import type { IdentityConfig } from './identity.ts';
import type { ListenerConfig } from './listener.ts';
import type { LogConfig } from './log.ts';
import type { LoginConfig } from './login.ts';
import type { PagesConfig } from './pages.ts';
import type { PasswordsConfig } from './passwords.ts';
import type { RateLimitConfig } from './rate-limit.ts';
import type { ReloadConfig } from './reload.ts';
import type { SessionsConfig } from './sessions.ts';
import type { StaffConfig } from './staff.ts';
import type { TokenCacheConfig } from './token-cache.ts';
import type { TokensConfig } from './tokens.ts';
import type { TracingConfig } from './tracing.ts';
import type { UpstreamConfig } from './upstream.ts';
import type { WorkersConfig } from './workers.ts';
import type { ZoneConfig } from './zones.ts';

/**
 * Everything one gateway is told, checked and deep-frozen. Times are milliseconds, sizes are bytes.
 */
export interface Config {
  /** The file that it came from, as it was named. */
  readonly path: string;
  /** Which set of status codes and bodies our own answers use; no security rule depends on it. */
  readonly answers: 'modern' | 'tyke';
  /** How many processes share the listeners. */
  readonly workers: WorkersConfig;
  /** How long a stopping gateway lets the requests in progress finish. */
  readonly drainTimeoutMs: number;
  readonly log: LogConfig;
  readonly accessLog: AccessLogConfig;
  readonly audit: AuditConfig;
  readonly tracing: TracingConfig;
  /** In the order of the file. */
  readonly listeners: readonly ListenerConfig[];
  /** The operators' port; null where the file names none. */
  readonly admin: AdminConfig | null;
  readonly control: ControlConfig;
  readonly reload: ReloadConfig;
  readonly explain: ExplainConfig;
  /** In the order of the file. */
  readonly upstreams: readonly UpstreamConfig[];
  /** In the order of the file. */
  readonly rateLimits: readonly RateLimitConfig[];
  /** In the order of the file. */
  readonly zones: readonly ZoneConfig[];
  /** In the order of the file. */
  readonly tokenCaches: readonly TokenCacheConfig[];
  readonly sessions: SessionsConfig;
  readonly coherence: CoherenceConfig;
  readonly tokens: TokensConfig;
  readonly cookie: CookieConfig;
  readonly identity: IdentityConfig;
  readonly staff: StaffConfig;
  readonly login: LoginConfig;
  /** In the order of the file. */
  readonly directories: readonly DirectoryConfig[];
  readonly pages: PagesConfig;
  readonly passwords: PasswordsConfig;
  /** What is allowed but deserves to be said, at `check` and at start: one sentence each. */
  readonly warnings: readonly string[];
}
