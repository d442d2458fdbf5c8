import type { SidecarProfile } from '../config/sidecar.ts';
import type { Reply } from '../http/reply.ts';

/** All that `auth_request` tells apart; every other status is a fault to it, as these two are. */
const NGINX_FAULTS: ReadonlySet<number> = new Set([500, 503]);

/** What NGINX passes on to its client with a 401. */
const CHALLENGE = ['WWW-Authenticate', 'Cookie realm="portcullis"'] as const;

/**
 * A decision in the words of the proxy that asked. Only a reply that lets the request proceed is a yes; `refused` is what
 * is said where the decision was an answer of our own that no proxy could give (a page, a fixed answer).
 */
export function sidecarAnswer(reply: Reply, profile: SidecarProfile, refused: Reply): Reply {
  const without = reply.proceedsWithout;
  if (without !== undefined) return profile === 'envoy' ? withRemovals(reply, without) : reply;
  if (reply.status < 300) return refused;
  if (profile !== 'nginx') return reply;
  const { fields, status } = reply;
  if (status === 401 || status === 403 || NGINX_FAULTS.has(status)) return reply;
  // To the login page: NGINX has no redirect for an answer, but whoever configures it can make one of Location.
  if (status < 400) return { status: 401, fields: [...fields, CHALLENGE], body: '' };
  return { ...refused, fields: [...refused.fields, ...fields.filter(isSetCookie)] };
}

function isSetCookie([name]: readonly [string, string]): boolean {
  return name === 'Set-Cookie';
}

/** Envoy takes fields out of the client's request only where it is told to. */
function withRemovals(reply: Reply, without: readonly string[]): Reply {
  const brought = new Set(reply.fields.map(([name]) => name.toLowerCase()));
  const left = without.filter((name) => !brought.has(name));
  if (left.length === 0) return reply;
  const removal = ['X-Envoy-Auth-Headers-To-Remove', left.join(',')] as const;
  return { ...reply, fields: [...reply.fields, removal] };
}
