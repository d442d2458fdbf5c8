import { isOwnOrigin } from '../http/origin-check.ts';
import type { Exchange } from './exchange.ts';

/**
 * Whether a page that may act here opens this WebSocket. The same-origin policy does not hold for them: a browser sends
 * the cookies along with any page's handshake, and only Origin tells whose it is. A client without Origin is no browser;
 * it passes unless it comes with a session cookie, which is what a browser would be robbed of.
 */
export function mayOpenWebSocket(exchange: Exchange, allowedOrigins: readonly string[]): boolean {
  const { cookieToken, head, host, isSecure } = exchange;
  const { fields } = head;
  const origins: string[] = [];
  for (let index = 0; index < fields.count; index++) {
    if (fields.name(index).lower === 'origin') origins.push(fields.value(index));
  }
  const [origin] = origins;
  if (origins.length > 1) return false;
  if (origin === undefined) return cookieToken === null;
  return isOwnOrigin({ origin, secFetchSite: undefined, isSecure, host, allowedOrigins });
}
