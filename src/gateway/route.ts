import type { EndpointName, RouteConfig } from '../config/route.ts';
import type { Reply } from '../http/reply.ts';
import type { Endpoint } from './endpoint.ts';
import type { RateLimit } from './rate-limit.ts';
import { RouteCounters, type RequestLane } from './route-counters.ts';
import type { RouteTokens } from './route-tokens.ts';
import { SecurityFields } from './security-fields.ts';
import type { Tracing } from './tracing.ts';
import type { UpstreamTarget } from './upstream-target.ts';

/** Where a route leads, with everything that does not change between requests made ready. */
export type RouteTarget =
  | {
      readonly kind: 'upstream';
      readonly target: UpstreamTarget;
      /** Null: the path goes as it is. */
      readonly rewritePrefix: string | null;
      readonly isHostPassed: boolean;
      readonly isAuthorizationKept: boolean;
      readonly isForwardedSent: boolean;
      readonly tracing: Tracing;
      /** No rule of the listener is about methods. */
      readonly isMethodOverrideKept: boolean;
      readonly areWebSocketsAllowed: boolean;
      readonly webSocketOrigins: readonly string[];
    }
  | { readonly kind: 'respond'; readonly reply: Reply }
  /** Somebody else forwards it, and asks whether it may. */
  | {
      readonly kind: 'elsewhere';
      /** Fields of the client that may not pass, in lower case, but for those that the answer has. */
      readonly proceedsWithout: readonly string[];
      readonly areWebSocketsAllowed: boolean;
      readonly webSocketOrigins: readonly string[];
    }
  | {
      readonly kind: 'endpoint';
      readonly name: EndpointName | 'keyval';
      readonly endpoint: Endpoint;
    };

/** One rule of a listener: what it matches, whom it lets in, and where the request goes. */
export class Route {
  readonly config: RouteConfig;
  readonly target: RouteTarget;
  /** Somebody has to say who it is. */
  readonly needsPrincipal: boolean;
  readonly takesBearer: boolean;
  readonly takesSession: boolean;
  /**
   * For how long nobody need have vouched for a session. A logout takes any: it is refused here from then on, and the store
   * is told when it is back.
   */
  readonly serveStaleMs: number;
  readonly keptFields: ReadonlySet<string>;
  readonly counters: RouteCounters;
  /** Judged before anybody asks who it is, and after. */
  readonly earlyLimits: readonly RateLimit[];
  readonly lateLimits: readonly RateLimit[];
  /** Null: answers have what they have. */
  readonly security: SecurityFields | null;
  /** Null: upstreams get no token. */
  readonly tokens: RouteTokens | null;
  readonly #exactHosts: ReadonlySet<string>;
  readonly #hostSuffixes: readonly string[];
  readonly #isAnyHost: boolean;
  readonly #methods: ReadonlySet<string>;
  readonly #path: string;
  readonly #isExact: boolean;

  constructor(
    listener: string,
    config: RouteConfig,
    target: RouteTarget,
    limits: readonly RateLimit[] = [],
    tokens: RouteTokens | null = null,
    usualLane?: RequestLane,
  ) {
    this.config = config;
    this.target = target;
    this.tokens = tokens;
    this.needsPrincipal = config.auth !== 'none' && config.auth !== 'token-cache';
    this.takesBearer = config.auth === 'bearer' || config.auth === 'sessionOrBearer';
    this.takesSession = config.auth === 'session' || config.auth === 'sessionOrBearer';
    const isLogout = target.kind === 'endpoint' && target.name === 'logout';
    this.serveStaleMs = isLogout ? Infinity : config.serveStaleMs;
    this.keptFields = new Set(config.keepFields.map((name) => name.toLowerCase()));
    this.counters = new RouteCounters(listener, config.id, usualLane);
    this.earlyLimits = limits.filter((limit) => limit.isEarly);
    this.lateLimits = limits.filter((limit) => !limit.isEarly);
    this.security = config.securityFields && new SecurityFields(config.securityFields);
    this.#exactHosts = new Set(config.hosts.filter((host) => !host.startsWith('*.')));
    this.#hostSuffixes = config.hosts
      .filter((host) => host.startsWith('*.'))
      .map((host) => host.slice(1));
    this.#isAnyHost = config.hosts.length === 0;
    this.#methods = new Set(config.methods);
    this.#isExact = config.path.kind === 'exact';
    const { value } = config.path;
    this.#path =
      this.#isExact || value === '/' || !value.endsWith('/') ? value : value.slice(0, -1);
  }

  matches(host: string, method: string, path: string): boolean {
    if (!this.matchesPath(path)) return false;
    if (!this.#isAnyHost && !this.#matchesHost(host)) return false;
    return this.#methods.size === 0 || this.#methods.has(method);
  }

  /** Ends at a segment: `/api` matches `/api` and `/api/x`, never `/apis`. */
  matchesPath(path: string): boolean {
    const own = this.#path;
    if (this.#isExact) return path === own;
    if (own === '/') return true;
    return (
      path.startsWith(own) && (path.length === own.length || path.charCodeAt(own.length) === 0x2f)
    );
  }

  /** The path as the upstream gets it. */
  rewrite(path: string): string {
    if (this.target.kind !== 'upstream' || this.target.rewritePrefix === null) return path;
    const prefix = this.target.rewritePrefix;
    const rest = this.#path === '/' ? path : path.slice(this.#path.length);
    if (rest === '') return prefix;
    return prefix.endsWith('/') ? prefix + rest.slice(1) : prefix + rest;
  }

  #matchesHost(host: string): boolean {
    return this.#exactHosts.has(host) || this.#hostSuffixes.some((suffix) => host.endsWith(suffix));
  }
}
