import type * as z from 'zod';
import type { ListenerConfig } from './listener.ts';
import { listenerFields } from './listener.ts';
import { formatByteSize } from './byte-size.ts';
import type { Options, Part } from './read-options.ts';
import { checkTls, tlsConfig } from './read-tls.ts';
import { partAt, readItems, readNamed, readOptions, requireOption } from './read-options.ts';
import type { RouteDraft } from './read-route.ts';
import { readRoute } from './read-route.ts';

type ListenerOptions = z.output<typeof listenerFields>;

/**
 * One listener as far as it could be read; `options` is undefined where there is no block of
 * options.
 */
export interface ListenerDraft {
  readonly name: string;
  readonly part: Part;
  readonly options: Options<ListenerOptions> | undefined;
  readonly routes: readonly RouteDraft[];
}

export function readListeners(part: Part, configPath: string): readonly ListenerDraft[] {
  return readNamed(part).map(({ name, part: inner }) => {
    const options = readOptions(listenerFields, inner);
    if (options !== undefined) {
      requireOption(inner, 'address', 'an address such as 127.0.0.1:8081');
      requireOption(inner, 'routes', 'a list of at least one route');
      checkLimits(options, inner);
      const { tls } = options.value;
      if (tls !== undefined) checkTls(tls, partAt(inner, 'tls'), configPath);
    }
    const routes = readItems(partAt(inner, 'routes'))
      .map((item, index) => readRoute(item, `${name}/${index}`))
      .filter((route) => route !== undefined);
    return { name, part: inner, options, routes };
  });
}

/** Undefined for a draft that is not whole. */
export function listenerConfig(
  { name, options, routes }: ListenerDraft,
  configPath: string,
): ListenerConfig | undefined {
  if (options?.value.address === undefined) return undefined;
  const { address, secure, tls, acceptAbsoluteForm, strict, trustedPeers, limits } = options.value;
  const { head, bodyIdle, keepAlive, send, linger } = options.value.timeouts;
  const { sidecars, trustedProxies, sendForwarded, streams } = options.value;
  return {
    name,
    host: address.host,
    port: address.port,
    isSecure: secure || tls !== undefined,
    tls: tls === undefined ? null : tlsConfig(tls, configPath),
    acceptAbsoluteForm,
    isStrict: strict,
    trustedPeers,
    sidecars,
    trustedProxies,
    isForwardedSent: sendForwarded,
    limits,
    timeouts: {
      headMs: head,
      bodyIdleMs: bodyIdle,
      keepAliveMs: keepAlive,
      sendMs: send,
      lingerMs: linger,
    },
    streams: { idleTimeoutMs: streams.idleTimeout, ageMaxMs: streams.ageMax },
    routes: routes.map((route) => route.config).filter((route) => route !== undefined),
  };
}

function checkLimits(options: Options<ListenerOptions>, part: Part): void {
  const { headBytesMax, targetBytesMax } = options.value.limits;
  if (targetBytesMax <= headBytesMax || !options.isSound('limits')) return;
  const message = `is ${formatByteSize(targetBytesMax)}, more than headBytesMax`;
  const expected = `expected at most ${formatByteSize(headBytesMax)}, or a larger headBytesMax`;
  part.document.problems.add([...part.path, 'limits', 'targetBytesMax'], message, expected);
}

/** Whether somebody can log in here, or has to have done so. */
export function asksForSessions(routes: ListenerDraft['routes']): boolean {
  return routes.some(
    ({ config, options: route }) =>
      config?.auth === 'session' ||
      config?.auth === 'sessionOrBearer' ||
      /^login(?:Page)?$/.test(route.value.endpoint ?? ''),
  );
}
