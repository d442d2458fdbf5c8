import { forwardedValue } from '../http/forwarded.ts';
import { nominations } from '../http/nominations.ts';
import { expectsBody } from '../http/methods.ts';
import { flatString } from '../lib/flat-string.ts';
import { bundledHead } from './bundled-head.ts';
import type { Exchange } from './exchange.ts';
import { removalOf } from './removal.ts';
import type { Route, RouteTarget } from './route.ts';

/**
 * The request head for the upstream, written anew: hop-by-hop, nominated and managed fields go first, what is ours
 * comes last, so nothing that a client sends can take ours away or stand beside it.
 */
export function outgoingHead(
  exchange: Exchange,
  route: Route,
  upstream: Extract<RouteTarget, { kind: 'upstream' }>,
): string {
  dropFields(exchange, route, upstream);
  const { head } = exchange;
  const authority =
    upstream.isHostPassed && head.authority !== ''
      ? head.authority
      : upstream.target.group.config.name;
  const trace = upstream.tracing.lines(exchange);
  let text =
    `${exchange.method} ${route.rewrite(exchange.path)}${exchange.query} HTTP/1.1\r\n` +
    `Host: ${authority}\r\n${head.fields.write()}`;
  if (exchange.cookieRest !== '' && !head.nominated.includes('cookie'))
    text += `Cookie: ${exchange.cookieRest}\r\n`;
  if (exchange.live !== null) text += exchange.live.identityFields;
  else if (exchange.bearer !== null) text += exchange.bearer.identityFields;
  if (exchange.issued !== null && route.tokens !== null)
    text += `${route.tokens.cache.config.field}: ${exchange.issued.value}\r\n`;
  const { secured } = exchange.lane.peer;
  if (secured !== null) text += secured.identityFields;
  const origin = originLines(exchange, upstream.isForwardedSent);
  text += `X-Request-Id: ${exchange.requestId}\r\n${origin}${trace}`;
  if (exchange.isUpgrade) return bundledHead(`${text}${UPGRADE}\r\n`);
  return `${text}${framingLine(exchange)}\r\n`;
}

/** The same for nearly all requests of a connection; of copies, for they outlive the head that the host is from. */
function originLines(exchange: Exchange, isForwardedSent: boolean): string {
  const { clientAddress: address, host, isSecure } = exchange;
  const { peer } = exchange.lane;
  const { told } = peer;
  if (
    told !== null &&
    told.host === host &&
    told.address === address &&
    told.isSecure === isSecure &&
    told.isForwardedSent === isForwardedSent
  )
    return told.lines;
  let lines = `X-Forwarded-For: ${address}\r\nX-Forwarded-Proto: ${isSecure ? 'https' : 'http'}\r\n`;
  if (host !== '') lines += `X-Forwarded-Host: ${host}\r\n`;
  if (isForwardedSent) lines += `Forwarded: ${forwardedValue(address, isSecure, host)}\r\n`;
  // Behind proxies that speak for many clients the next request is another one's.
  if (address !== peer.address) return lines;
  const own = [address, host, lines].map(flatString);
  const [ownAddress = '', ownHost = '', ownLines = ''] = own;
  peer.told = {
    ...{ address: ownAddress, host: ownHost, lines: ownLines },
    ...{ isSecure, isForwardedSent },
  };
  return lines;
}

/** Both are taken out of every request, and written into those whose handshake was judged. */
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

/** The body's own framing on every method that has a body (a GET with one is where smuggling began). */
function framingLine(exchange: Exchange): string {
  const { head } = exchange;
  if (head.isChunked) return 'Transfer-Encoding: chunked\r\n';
  if (head.contentLength > 0) return `Content-Length: ${head.contentLength}\r\n`;
  return expectsBody(exchange.method) ? 'Content-Length: 0\r\n' : '';
}

function dropFields(
  exchange: Exchange,
  route: Route,
  upstream: Extract<RouteTarget, { kind: 'upstream' }>,
): void {
  const { fields } = exchange.head;
  const nominated = nominations(exchange.head.nominated);
  for (let index = 0; index < fields.count; index++) {
    const removal = removalOf(fields.name(index), nominated, route, upstream);
    if (removal === null) continue;
    fields.drop(index);
    if (removal === 'managed') route.counters.managedDropped++;
    else if (removal === 'odd-name') route.counters.aliasesDropped++;
  }
}
