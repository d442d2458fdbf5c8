import { withoutEscapes, withoutParameters } from '../http/request-target.ts';
import type { Refusal } from '../wire/refusals.ts';
import type { RequestHead } from '../wire/request-head.ts';
import type { Exchange } from './exchange.ts';
import type { RouteTable } from './route-table.ts';

/** The phase behind `normalise`: gives an exchange its route. Returns why the request is refused, or null. */
export function findRoute(
  exchange: Exchange,
  routes: RouteTable,
  isStrict: boolean,
): Refusal | null {
  const { head, lane, method, path } = exchange;
  if (lane.peer.secured?.covers(head.host) === false) return 'host-misdirected';
  if (isStrict && hasAlias(head)) return 'field-alias';
  exchange.route = routes.find(head.host, method, path);
  return ambiguityOf(exchange, routes);
}

/** Servers read `;…` and needless escapes in different ways: no reading may lead to another route. */
function ambiguityOf({ head, method, path, route }: Exchange, routes: RouteTable): Refusal | null {
  const bare = withoutParameters(path);
  if (bare !== path && routes.find(head.host, method, bare) !== route) return 'path-parameters';
  const plain = withoutEscapes(path);
  if (plain === path) return null;
  if (routes.find(head.host, method, plain) !== route) return 'path-escapes';
  // The same for a server that undoes escapes first.
  if (routes.find(head.host, method, withoutParameters(plain)) !== route) return 'path-escapes';
  return null;
}

function hasAlias(head: RequestHead): boolean {
  for (let index = 0; index < head.fields.count; index++) {
    if (!head.fields.name(index).isPlain) return true;
  }
  return false;
}
