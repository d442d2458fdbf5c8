import type { Options, Part } from './read-options.ts';
import { readOptions } from './read-options.ts';
import { keyvalApiConfig, keyvalApiOptions } from './keyval-api.ts';
import { routeTokensConfig } from './route-tokens.ts';
import type { EndpointName, RouteConfig, RouteOptions, RouteTarget } from './route.ts';
import { routeOptions } from './route.ts';
import { securityFieldsConfig } from './security-fields.ts';

/**
 * One route as far as it could be read; `config` is undefined where it is not clear what was meant.
 */
export interface RouteDraft {
  readonly id: string;
  readonly options: Options<RouteOptions>;
  readonly config: RouteConfig | undefined;
}

const targets = ['upstream', 'respond', 'endpoint'] as const;
const upstreamOnly = [
  ...(['rewrite', 'passHost', 'keepAuthorization', 'serveStale'] as const),
  ...(['webSockets', 'webSocketOrigins'] as const),
  ...(['tokenCache', 'onStoreOutage', 'staleMax'] as const),
];

/**
 * What answers also without a session; every other endpoint is about the session of whoever asks.
 */
const openEndpoints: ReadonlySet<EndpointName> = new Set(['login', 'loginPage', 'echo', 'jwks']);

export function readRoute(part: Part, fallbackId: string): RouteDraft | undefined {
  const options = readOptions(routeOptions, part);
  if (options === undefined) return undefined;
  const id = options.value.id ?? fallbackId;
  const path = readPath(options, part);
  const target = readTarget(options, part);
  if (path === undefined || target === undefined) return { id, options, config: undefined };
  const { host, hosts, methods, keepFields, require, securityFields } = options.value;
  const config: RouteConfig = {
    id,
    hosts: hosts ?? (host === undefined ? [] : [host]),
    methods: methods ?? [],
    path,
    auth: options.value.auth ?? defaultAuth(target),
    require: require ?? null,
    keepFields,
    bodyBytesMax: options.value.bodyBytesMax ?? null,
    rateLimits: options.value.rateLimits,
    securityFields: securityFields === undefined ? null : securityFieldsConfig(securityFields),
    tokens: routeTokensConfig(options),
    serveStaleMs: options.value.serveStale ?? 0,
    target,
  };
  checkHosts(options, part);
  checkAuth(config, options, part);
  checkTokens(config, options, part);
  checkLoginPage(config, part);
  return { id, options, config };
}

function readPath(options: Options<RouteOptions>, part: Part): RouteConfig['path'] | undefined {
  const { problems } = part.document;
  const { path, exactPath } = options.value;
  if (!options.isSound('path', 'exactPath')) return undefined;
  if (path !== undefined && exactPath !== undefined) {
    const message = 'is there beside path';
    problems.add([...part.path, 'exactPath'], message, 'expected either path or exactPath', 'key');
    return undefined;
  }
  if (path !== undefined) return { kind: 'prefix', value: path };
  if (exactPath !== undefined) return { kind: 'exact', value: exactPath };
  problems.add(
    part.path,
    'has no path',
    'expected path: /api/ (and all below) or exactPath: /login',
  );
  return undefined;
}

function readTarget(options: Options<RouteOptions>, part: Part): RouteTarget | undefined {
  const { problems } = part.document;
  if (!options.isSound(...targets)) return undefined;
  const { upstream, respond, endpoint } = options.value;
  const [first, second] = targets.filter((name) => options.value[name] !== undefined);
  if (first === undefined) {
    problems.add(part.path, 'goes nowhere', 'expected upstream:, endpoint: or respond:');
    return undefined;
  }
  if (second !== undefined) {
    const expected = 'expected one of upstream, endpoint and respond';
    problems.add([...part.path, second], `is there beside ${first}`, expected, 'key');
    return undefined;
  }
  checkUpstreamOnly(options, part);
  checkKeyval(options, part);
  if (respond !== undefined) return { kind: 'respond', ...respond };
  if (endpoint === 'keyval') {
    const { keyval } = options.value;
    return { kind: 'keyval', api: keyvalApiConfig(keyval ?? keyvalApiOptions.parse({})) };
  }
  if (endpoint !== undefined) return { kind: 'endpoint', endpoint };
  if (upstream === undefined) return undefined;
  const { rewrite, passHost, keepAuthorization, webSockets, webSocketOrigins } = options.value;
  return {
    kind: 'upstream',
    upstream,
    rewritePrefix: rewrite ?? null,
    isHostPassed: passHost ?? true,
    isAuthorizationKept: keepAuthorization ?? false,
    areWebSocketsAllowed: webSockets ?? true,
    webSocketOrigins: webSocketOrigins ?? [],
  };
}

function checkUpstreamOnly(options: Options<RouteOptions>, part: Part): void {
  const { problems } = part.document;
  const { upstream, rewrite, exactPath } = options.value;
  for (const name of upstreamOnly) {
    if (upstream !== undefined || options.value[name] === undefined) continue;
    const message = 'is there on a route without upstream';
    problems.add(
      [...part.path, name],
      message,
      'expected it only where requests are forwarded',
      'key',
    );
  }
  if (upstream !== undefined && rewrite !== undefined && exactPath !== undefined) {
    const message = 'is there beside exactPath, which has no prefix to replace';
    problems.add([...part.path, 'rewrite'], message, 'expected it only beside path', 'key');
  }
}

function checkKeyval(options: Options<RouteOptions>, part: Part): void {
  const { endpoint, exactPath, keyval } = options.value;
  const { problems } = part.document;
  if (keyval !== undefined && endpoint !== 'keyval') {
    const message = 'is there on a route without endpoint: keyval';
    problems.add([...part.path, 'keyval'], message, 'expected endpoint: keyval beside it', 'key');
  }
  if (endpoint === 'keyval' && exactPath !== undefined) {
    const message = 'is there for the keyval API, which is all that is below a path';
    problems.add([...part.path, 'exactPath'], message, 'expected path: /api/', 'key');
  }
}

function checkTokens({ auth }: RouteConfig, options: Options<RouteOptions>, part: Part): void {
  const { problems } = part.document;
  const { onStoreOutage, staleMax, tokenCache, upstream } = options.value;
  if (auth === 'token-cache' && tokenCache === undefined && options.isSound('tokenCache')) {
    const message = 'is token-cache, and no tokenCache says which';
    problems.add([...part.path, 'auth'], message, 'expected tokenCache: beside it');
  }
  if (auth === 'token-cache' && upstream === undefined) {
    const message = 'is token-cache on a route without upstream';
    problems.add([...part.path, 'auth'], message, 'expected it only where requests are forwarded');
  }
  if (onStoreOutage !== undefined && tokenCache === undefined) {
    const message = 'is there without tokenCache';
    problems.add([...part.path, 'onStoreOutage'], message, 'expected tokenCache: beside it', 'key');
  }
  if (staleMax !== undefined && onStoreOutage !== 'serve-stale') {
    const message = 'is there without onStoreOutage: serve-stale';
    const path = [...part.path, 'staleMax'];
    problems.add(path, message, 'expected onStoreOutage: serve-stale beside it', 'key');
  }
}

function defaultAuth(target: RouteTarget): 'session' | 'none' {
  if (target.kind === 'upstream') return 'session';
  return target.kind === 'endpoint' && !openEndpoints.has(target.endpoint) ? 'session' : 'none';
}

/** Where people log in, with a page or without. */
function isLogin(endpoint: EndpointName): boolean {
  return endpoint === 'login' || endpoint === 'loginPage';
}

/** Browsers are sent there: it has to be one address. */
function checkLoginPage(config: RouteConfig, part: Part): void {
  if (config.target.kind !== 'endpoint' || config.target.endpoint !== 'loginPage') return;
  const { problems } = part.document;
  if (config.path.kind === 'prefix') {
    const path = [...part.path, 'path'];
    problems.add(path, 'is there for a loginPage', 'expected exactPath: one address', 'key');
  }
  if (config.methods.length > 0 && !includesAll(config.methods, ['GET', 'POST'])) {
    const message = 'leave out GET or POST, which a loginPage is for';
    problems.add([...part.path, 'methods'], message, 'expected no methods at all');
  }
}

function includesAll(words: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((word) => words.includes(word));
}

function checkHosts(options: Options<RouteOptions>, part: Part): void {
  const { host, hosts } = options.value;
  if (host === undefined || hosts === undefined) return;
  const path = [...part.path, 'host'];
  part.document.problems.add(path, 'is there beside hosts', 'expected either host or hosts', 'key');
}

function checkAuth(config: RouteConfig, options: Options<RouteOptions>, part: Part): void {
  const { problems } = part.document;
  const { auth, target } = config;
  if (!options.isSound('auth')) return;
  if (target.kind === 'endpoint') {
    const path = [...part.path, 'auth'];
    const needsSession = !openEndpoints.has(target.endpoint) && target.endpoint !== 'unknownPath';
    if (auth === 'none' && needsSession) {
      const message = `is none, but ${target.endpoint} is about a session`;
      problems.add(path, message, 'expected session, or no auth at all');
    }
    if (auth === 'session' && isLogin(target.endpoint)) {
      const message = 'is session, so that nobody could ever log in';
      problems.add(path, message, 'expected none, or no auth at all');
    }
    if (auth === 'bearer' || auth === 'sessionOrBearer') {
      const message = `is ${auth}, but endpoints know sessions only`;
      problems.add(path, message, 'expected session or none, or no auth at all');
    }
  }
  if (config.require !== null && (auth === 'none' || auth === 'token-cache')) {
    const message = 'asks for roles or groups where nobody has to log in';
    problems.add([...part.path, 'require'], message, 'expected auth: session on this route', 'key');
  }
}
