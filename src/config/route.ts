import * as z from 'zod';
import { isCanonicalPath } from './canonical-path.ts';
import { origin } from './origin.ts';
import { keyvalApiOptions, type KeyvalApiConfig } from './keyval-api.ts';
import { routeTokenFields, type RouteTokensConfig } from './route-tokens.ts';
import { securityFieldsOptions, type SecurityFieldsConfig } from './security-fields.ts';
import { byteSize } from './byte-size.ts';
import { duration } from './duration.ts';
import { flag, listOf, oneOf, optionBlock, text, textThat, wholeNumber, word } from './kinds.ts';
import { nodeHttp } from '../lib/node-http.ts';

/** How a request says whose it is. */
export type RouteAuth = 'session' | 'bearer' | 'sessionOrBearer' | 'token-cache' | 'none';

/** One rule of a listener: what it matches, whom it lets in, and where the request goes. */
export interface RouteConfig {
  /** Unique in the whole configuration; names the route in logs and metrics. */
  readonly id: string;
  /** Exact lower-case names, or `*.example.org` for everything below; empty matches any host. */
  readonly hosts: readonly string[];
  /** Upper case; empty matches any method. */
  readonly methods: readonly string[];
  /** Canonical. A prefix ends at a segment: `/api` matches `/api` and `/api/x`, never `/apis`. */
  readonly path: { readonly kind: 'prefix' | 'exact'; readonly value: string };
  /** `session`: nobody passes without a live session. */
  readonly auth: RouteAuth;
  /** Null: whoever has a session or a token, as `auth` wants it. */
  readonly require: RouteRequirement | null;
  /** Exact field names outside [A-Za-z0-9-] that pass upstream all the same. */
  readonly keepFields: readonly string[];
  /** Of a request; 0: unlimited, null: what the listener says. */
  readonly bodyBytesMax: number | null;
  /** Names of limits that exist. */
  readonly rateLimits: readonly string[];
  /** Null: none are added. */
  readonly securityFields: SecurityFieldsConfig | null;
  /** Null: upstreams get no token. */
  readonly tokens: RouteTokensConfig | null;
  /** For so long after the store could last be asked a session that is known is believed; 0: not at all. */
  readonly serveStaleMs: number;
  readonly target: RouteTarget;
}

/** Every list that is not empty has to be met, by one of its words. */
export interface RouteCondition {
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** Names of users, as their directories spell them. */
  readonly users: readonly string[];
  /** Upper case. */
  readonly methods: readonly string[];
}

/** The condition itself, with all of `allOf`, one of `anyOf` (if there are any), and none of `noneOf`. */
export interface RouteRequirement extends RouteCondition {
  readonly allOf: readonly RouteCondition[];
  readonly anyOf: readonly RouteCondition[];
  readonly noneOf: readonly RouteCondition[];
}

export type RouteTarget =
  | {
      readonly kind: 'upstream';
      /** The name of an upstream that exists. */
      readonly upstream: string;
      /** What replaces the matched prefix; null leaves the path as it is. */
      readonly rewritePrefix: string | null;
      /** The client's Host goes upstream; if not, the name of the upstream does. */
      readonly isHostPassed: boolean;
      /** The client's Authorization goes upstream; if not, it is removed. */
      readonly isAuthorizationKept: boolean;
      /** WebSockets pass; if not, `Upgrade` is removed from their handshakes. */
      readonly areWebSocketsAllowed: boolean;
      /** Further origins whose pages may open WebSockets here, as a browser spells them in Origin. */
      readonly webSocketOrigins: readonly string[];
    }
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly body: string;
      readonly contentType: string;
    }
  | { readonly kind: 'endpoint'; readonly endpoint: EndpointName }
  | { readonly kind: 'keyval'; readonly api: KeyvalApiConfig };

export const endpointNames = [
  'login',
  'logout',
  'session',
  'validate',
  'escalate',
  'logoutUser',
  'echo',
  'unknownPath',
  'loginPage',
  'return',
  'sessions',
  'jwks',
] as const;

export type EndpointName = (typeof endpointNames)[number];

const hostPattern =
  /^(?:(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_-])?|\[[0-9A-Fa-f:.]{2,45}\])$/;

const host = textThat(
  (value) => !value.includes('..'),
  hostPattern,
  'a host name without a port, such as www.example.org or *.example.org',
).transform((value) => value.toLowerCase());

const pathExpected =
  'a path in canonical form, such as /api/: it begins with /, without //, . and .. segments, query or needless escapes';
const path = textThat(isCanonicalPath, /^\/[^?#\s\\]*$/, pathExpected);

const method = textThat(
  (value) => nodeHttp.METHODS.includes(value) && value !== 'CONNECT' && value !== 'TRACE',
  /^[A-Z][A-Z-]*$/,
  'an HTTP method in upper case, such as GET or POST',
);

const conditionFields = {
  roles: listOf(word('a role'), 'roles')
    .default([])
    .describe('The user has to have one of these roles. Default: any.'),
  groups: listOf(word('a group'), 'groups')
    .default([])
    .describe('The user has to be in one of these groups. Default: none is asked for.'),
  users: listOf(word('a user'), 'users')
    .default([])
    .describe(
      'The user has to be one of these, as the directory spells the name. Default: any. Two ' +
        'directories may know different people by one name.',
    ),
  methods: listOf(method, 'methods')
    .default([])
    .describe('The request has to have one of these methods. Default: any.'),
};

const conditionExpected = 'a block with at least one of roles, groups, users and methods';
const conditions = listOf(
  optionBlock(conditionFields).refine(
    (condition) => Object.values(condition).some((words) => words.length > 0),
    { error: conditionExpected },
  ),
  'conditions, each a block of roles, groups, users and methods',
).default([]);

const requireOptions = optionBlock({
  ...conditionFields,
  allOf: conditions.describe(
    'All of these conditions have to be met as well. Default: none. With it somebody has to be ' +
      'in two groups, for example.',
  ),
  anyOf: conditions.describe(
    'One of these conditions has to be met as well: `[{roles: [editor]}, {groups: [staff], ' +
      'methods: [GET]}]` lets editors do everything and staff read. Default: none.',
  ),
  noneOf: conditions.describe(
    'None of these conditions may be met: who meets one gets 403, whatever else is met. ' +
      'Default: none.',
  ),
});

const respondOptions = optionBlock({
  status: wholeNumber({ min: 200, max: 599 })
    .default(200)
    .describe('The status, 200 to 599. Default 200.'),
  body: z.string({ error: 'text' }).default('').describe('The body, as it is. Default: empty.'),
  contentType: text(/^[\x21-\x7e]+\/[\x20-\x7e]*[\x21-\x7e]$/, 'a media type such as text/plain')
    .default('text/plain; charset=utf-8')
    .describe('The Content-Type. Default `text/plain; charset=utf-8`.'),
});

/** Name characters of RFC 9110 §5.6.2 with at least one outside [A-Za-z0-9-]. */
const keptFieldPattern = /^[A-Za-z0-9-]*[!#$%&'*+.^_`|~][A-Za-z0-9!#$%&'*+.^_`|~-]*$/;

export const routeOptions = optionBlock({
  id: text(/^[A-Za-z0-9][A-Za-z0-9_./-]{0,63}$/, 'an id of at most 64 letters, digits and -_./')
    .optional()
    .describe(
      'Names the route in logs and metrics; unique. Default: the name of the listener and the ' +
        'place in its list, such as `edge/0`, which changes when routes are put before it.',
    ),
  host: host.optional().describe('Like `hosts`, with one name.'),
  hosts: listOf(host, 'host names')
    .min(1, { error: 'a list of at least one host name; leave it out for any host' })
    .optional()
    .describe(
      'The route matches requests for these hosts: exact names, or `*.example.org` for every ' +
        'name below that. Without a port. Default: any host. Requests without a Host match only ' +
        'routes without this.',
    ),
  methods: listOf(method, 'methods')
    .min(1, { error: 'a list of at least one method; leave it out for any method' })
    .optional()
    .describe('The route matches requests with these methods, in upper case. Default: any.'),
  path: path
    .optional()
    .describe(
      'The route matches this path and everything below it: `/api/` and `/api` are the same, ' +
        'and match /api and /api/x, but not /apis. In canonical form, as it is compared with ' +
        'the normalised path of the request.',
    ),
  exactPath: path.optional().describe('The route matches this path alone. In canonical form.'),
  auth: oneOf(['session', 'bearer', 'sessionOrBearer', 'token-cache', 'none'])
    .optional()
    .describe(
      '`session`: nobody passes who has not logged in. `bearer`: every request brings the token of ' +
        'a directory of type `token` in its Authorization field, and no session is opened. ' +
        '`sessionOrBearer`: such a token counts if there is one, else the session. `token-cache`: ' +
        'who has a token in the cache that `tokenCache` names, or gets one from its service, passes; ' +
        'a key of fields that clients send authenticates nobody. `none`: ' +
        'everybody passes, and upstreams are told nobody. Default: session for upstreams and for ' +
        'endpoints that are about a session; none for login, echo and fixed answers. The two with ' +
        'bearer are for upstreams and fixed answers only.',
    ),
  require: requireOptions
    .optional()
    .describe('Which users pass; others get 403. Default: all who have logged in.'),
  ...routeTokenFields,
  keepFields: listOf(
    text(
      keptFieldPattern,
      'a field name with a character that is neither letter, digit nor hyphen',
    ),
    'field names',
  )
    .default([])
    .describe(
      'Field names with other characters than letters, digits and hyphens that pass upstream ' +
        'all the same, exactly as spelled; others are removed, because some applications take ' +
        '`X_UserInfo` for X-UserInfo. Default: none.',
    ),
  bodyBytesMax: byteSize({ min: 1, max: 1_099_511_627_776, isUnlimitedAllowed: true })
    .optional()
    .describe(
      'The largest body of a request here, up to 1024GiB; a larger one is answered 413. Default: ' +
        "the listener's own limit, above which this may go.",
    ),
  rateLimits: listOf(word('the name of a rate limit'), 'rate limits')
    .default([])
    .describe(
      'The limits of `rateLimits` that hold here; a request above any of them is answered 429 ' +
        'with Retry-After. Default: none.',
    ),
  securityFields: securityFieldsOptions.optional(),
  upstream: word('the name of an upstream')
    .optional()
    .describe('Forwards to the servers of this upstream.'),
  rewrite: path
    .optional()
    .describe(
      'Replaces the matched prefix: with path `/shop/` and rewrite `/`, /shop/cart goes ' +
        'upstream as /cart. Default: the path stays. Only for upstreams and `path`.',
    ),
  passHost: flag()
    .optional()
    .describe(
      "Whether the client's Host goes upstream (true, the default: applications make links of " +
        'it) or the name of the upstream does. Only for upstreams.',
    ),
  keepAuthorization: flag()
    .optional()
    .describe(
      "Whether the client's Authorization field goes upstream. Default false: an upstream has " +
        'no business with passwords that are meant for the gateway. Only for upstreams.',
    ),
  serveStale: duration({ min: '0s', max: '1h', zero: 'none' })
    .optional()
    .describe(
      'While the session store cannot be asked: for how long sessions that this process knows are ' +
        'let in all the same, 0s to 1h. Default 0s: everybody is answered 503. For what is better ' +
        'served to somebody who has just been logged out than to nobody: `coherence.staleness` is ' +
        'longer by this here. Only for upstreams.',
    ),
  webSockets: flag()
    .optional()
    .describe(
      'Whether WebSockets pass to this upstream. Default true. False: their handshakes are plain ' +
        'requests, without Upgrade. Only for upstreams.',
    ),
  webSocketOrigins: listOf(origin(), 'origins')
    .optional()
    .describe(
      'Further origins whose pages may open WebSockets here, such as `https://app.example.org`. ' +
        "Default: none, so only pages of the request's own scheme and host. Browsers send cookies " +
        'with the handshake whichever page asks: every script on such a page can act for its ' +
        'visitors. Only for upstreams.',
    ),
  respond: respondOptions.optional().describe('Answers this, always.'),
  keyval: keyvalApiOptions.optional(),
  endpoint: oneOf([...endpointNames, 'keyval'])
    .optional()
    .describe(
      'An endpoint of the gateway. `login`, `logout`, `session` (who am I), `sessions` (my ' +
        'sessions, and an end to them); `loginPage` is `login` with a page for people, to which ' +
        'browsers without a session are sent; `validate` for a proxy that asks about each ' +
        'request; `escalate` and `logoutUser` for staff, `return` ends acting for somebody; ' +
        '`echo` shows the request as an application would see it; `unknownPath` says 404 to ' +
        'staff and 403 to others; `jwks` publishes the keys that signed tokens are checked with; ' +
        '`keyval` is the API for key-value zones.',
    ),
}).describe('What it matches, whom it lets in, and one of upstream, respond and endpoint.');

export type RouteOptions = z.output<typeof routeOptions>;
