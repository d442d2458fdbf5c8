import type { ListenerConfig } from '../config/listener.ts';
import type { RouteConfig } from '../config/route.ts';
import { KeyvalApi } from '../endpoints/keyval-api.ts';
import { hasMethodRules } from '../gateway/method-rules.ts';
import type { RouteTarget } from '../gateway/route.ts';
import type { Tracing } from '../gateway/tracing.ts';
import type { Shared } from './shared.ts';

/** Where a route of the configuration leads, at work. */
export function routeTarget(
  { auth, hosts, path, target }: RouteConfig,
  { isForwardedSent, routes }: ListenerConfig,
  tracing: Tracing,
  shared: Shared,
): RouteTarget {
  switch (target.kind) {
    case 'upstream': {
      const upstream = shared.upstreams.get(target.upstream);
      if (upstream === undefined) throw new Error(`no upstream ${target.upstream}`);
      const { isAuthorizationKept, isHostPassed, rewritePrefix } = target;
      const { areWebSocketsAllowed, webSocketOrigins } = target;
      return {
        kind: 'upstream',
        target: upstream.target,
        rewritePrefix,
        isHostPassed,
        isAuthorizationKept,
        isForwardedSent,
        tracing,
        isMethodOverrideKept: !hasMethodRules(routes),
        areWebSocketsAllowed,
        webSocketOrigins,
      };
    }
    case 'respond': {
      const { body, contentType, status } = target;
      return { kind: 'respond', reply: { status, fields: [['Content-Type', contentType]], body } };
    }
    case 'keyval': {
      const endpoint = new KeyvalApi({
        answers: shared.answers,
        zones: shared.zones,
        api: target.api,
        prefix: path.value,
        allowedOrigins: shared.parts.config.login.allowedOrigins,
        isGuarded: hosts.length > 0 || auth === 'session',
        othersOnline: shared.store.othersOnline ?? (() => Promise.resolve(0)),
      });
      return { kind: 'endpoint', name: 'keyval', endpoint };
    }
    case 'endpoint': {
      const endpoint = shared.endpoints.get(target.endpoint);
      if (endpoint === undefined) throw new Error(`no endpoint ${target.endpoint}`);
      return { kind: 'endpoint', name: target.endpoint, endpoint };
    }
  }
}
