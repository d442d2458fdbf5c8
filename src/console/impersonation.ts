import type { AdminConfig } from '../config/admin.ts';
import type { ListenerConfig } from '../config/listener.ts';
import type { RouteConfig } from '../config/route.ts';
import type { AnswerMode } from '../http/answers.ts';
import type { ImpersonationState } from '../pages/console-state.ts';

/**
 * Whether staff can act for users from the console: somebody who acts for a user has to do so where that user is, so it
 * takes a route to `escalate` under the host that users see.
 */
export function impersonationOf(
  admin: Pick<AdminConfig, 'site' | 'siteListener'>,
  listeners: readonly ListenerConfig[],
  mode: AnswerMode,
): ImpersonationState {
  const listener =
    admin.siteListener === null
      ? listeners[0]
      : listeners.find(({ name }) => name === admin.siteListener);
  const routes = listener?.routes.filter(isEscalate) ?? [];
  if (mode !== 'modern') return { possible: false, reason: 'tykeAnswers' };
  if (listener === undefined || routes.length === 0) return { possible: false, reason: 'noRoute' };
  const site = admin.site ?? ownSiteOf(listener);
  if (site === null) return { possible: false, reason: 'siteUnknown' };
  const { hostname } = new URL(site);
  const route = routes.find(({ hosts }) => serves(hosts, hostname));
  if (route === undefined) return { possible: false, reason: 'otherHost' };
  return { possible: true, url: `${site}${route.path.value}?username=` };
}

function isEscalate({ target }: RouteConfig): boolean {
  return target.kind === 'endpoint' && target.endpoint === 'escalate';
}

function serves(hosts: readonly string[], name: string): boolean {
  if (hosts.length === 0) return true;
  return hosts.some(
    (host) => host === name || (host.startsWith('*.') && name.endsWith(host.slice(1))),
  );
}

/** Whoever sits at this machine reaches it so. */
function ownSiteOf({ host, isSecure, port }: ListenerConfig): string | null {
  const isHere = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (!isHere || port === 0) return null;
  const name = host.includes(':') ? `[${host}]` : host;
  return new URL(`${isSecure ? 'https' : 'http'}://${name}:${String(port)}`).origin;
}
