import type * as z from 'zod';
import type { AccessLogConfig } from './access-log.ts';
import { accessLogConfig, accessLogOptions } from './access-log.ts';
import { adminOptions } from './admin.ts';
import type { AuditConfig } from './audit.ts';
import { readAudit } from './audit.ts';
import { controlOptions } from './control.ts';
import type { CookieConfig } from './cookie.ts';
import { readCoherence, type CoherenceConfig } from './coherence.ts';
import { cookieConfig, cookieOptions } from './cookie.ts';
import type { DirectoryDraft } from './directory.ts';
import { readDirectories } from './directory.ts';
import { explainOptions } from './explain.ts';
import { identityOptions } from './identity.ts';
import { logOptions } from './log.ts';
import { loginOptions } from './login.ts';
import type { PagesConfig } from './pages.ts';
import { readPages } from './read-pages.ts';
import { passwordsOptions } from './passwords.ts';
import { reloadOptions } from './reload.ts';
import { readRateLimits, type RateLimitDraft } from './rate-limit.ts';
import type { ListenerDraft } from './read-listener.ts';
import { readListeners } from './read-listener.ts';
import type { Options, Part } from './read-options.ts';
import { partAt, readOptions } from './read-options.ts';
import { topFields } from './schema.ts';
import type { SessionsConfig } from './sessions.ts';
import { readSessions } from './sessions.ts';
import { staffOptions } from './staff.ts';
import { readTokenCaches, type TokenCacheDraft } from './token-cache.ts';
import type { TokensConfig } from './tokens.ts';
import { readTokens } from './tokens.ts';
import { tracingOptions } from './tracing.ts';
import type { UpstreamDraft } from './upstream.ts';
import { readUpstreams } from './upstream.ts';
import { readZones, type ZoneDraft } from './zones.ts';

type Section<Schema extends z.ZodObject> = Options<z.output<Schema>> | undefined;

/**
 * The sections as far as each could be read by itself. What is undefined or not sound had a
 * problem, which was said; checks between sections work with the rest.
 */
export interface ConfigDraft {
  readonly part: Part;
  readonly top: Section<typeof topFields>;
  readonly log: Section<typeof logOptions>;
  readonly accessLog: AccessLogConfig | undefined;
  readonly audit: AuditConfig | undefined;
  readonly tracing: Section<typeof tracingOptions>;
  readonly listeners: readonly ListenerDraft[];
  /** Null where the file has no such section. */
  readonly admin: Section<typeof adminOptions> | null;
  readonly control: Section<typeof controlOptions>;
  readonly reload: Section<typeof reloadOptions>;
  readonly explain: Section<typeof explainOptions>;
  readonly upstreams: readonly UpstreamDraft[];
  readonly rateLimits: readonly RateLimitDraft[];
  readonly zones: readonly ZoneDraft[];
  readonly tokenCaches: readonly TokenCacheDraft[];
  readonly sessions: SessionsConfig | undefined;
  readonly coherence: CoherenceConfig | undefined;
  readonly tokens: TokensConfig | undefined;
  readonly cookie: CookieConfig | undefined;
  readonly identity: Section<typeof identityOptions>;
  readonly staff: Section<typeof staffOptions>;
  readonly login: Section<typeof loginOptions>;
  readonly directories: readonly DirectoryDraft[];
  readonly pages: PagesConfig | undefined;
  readonly passwords: Section<typeof passwordsOptions>;
}

export function readDraft(part: Part, configPath: string): ConfigDraft {
  const accessLog = readOptions(accessLogOptions, partAt(part, 'accessLog'));
  const cookie = readOptions(cookieOptions, partAt(part, 'cookie'));
  const admin = partAt(part, 'admin');
  return {
    part,
    top: readOptions(topFields, part),
    log: readOptions(logOptions, partAt(part, 'log')),
    accessLog: accessLog && accessLogConfig(accessLog.value, configPath),
    audit: readAudit(partAt(part, 'audit'), configPath),
    tracing: readOptions(tracingOptions, partAt(part, 'tracing')),
    listeners: readListeners(partAt(part, 'listeners'), configPath),
    admin: admin.raw === undefined ? null : readOptions(adminOptions, admin),
    control: readOptions(controlOptions, partAt(part, 'control')),
    reload: readOptions(reloadOptions, partAt(part, 'reload')),
    explain: readOptions(explainOptions, partAt(part, 'explain')),
    upstreams: readUpstreams(partAt(part, 'upstreams'), configPath),
    rateLimits: readRateLimits(partAt(part, 'rateLimits')),
    zones: readZones(partAt(part, 'zones')),
    tokenCaches: readTokenCaches(partAt(part, 'tokenCaches'), configPath),
    sessions: readSessions(partAt(part, 'sessions'), configPath),
    coherence: readCoherence(partAt(part, 'coherence')),
    tokens: readTokens(partAt(part, 'tokens'), configPath),
    cookie: cookie && cookieConfig(cookie.value),
    identity: readOptions(identityOptions, partAt(part, 'identity')),
    staff: readOptions(staffOptions, partAt(part, 'staff')),
    login: readOptions(loginOptions, partAt(part, 'login')),
    directories: readDirectories(partAt(part, 'directories'), configPath),
    pages: readPages(partAt(part, 'pages'), configPath),
    passwords: readOptions(passwordsOptions, partAt(part, 'passwords')),
  };
}
