import { hopsOfForwarded, hopsOfXForwarded, type ForwardedHop } from '../http/forwarded.ts';
import { canonicalHost } from '../http/host.ts';
import type { AddressSet } from '../lib/address-set.ts';
import type { Peer } from '../wire/lane.ts';
import type { RequestHead } from '../wire/request-head.ts';

/** Where a request comes from, for everybody who asks: log, endpoints, cookies, Origin checks, upstreams. */
export interface RequestOrigin {
  readonly address: string;
  readonly isSecure: boolean;
  /** Host with port as the client named it; empty for HTTP/1.0 without. */
  readonly host: string;
}

/**
 * What proxies that we trust say of the client, the connection itself where there is none or it says nothing. Counted
 * from our end, the first address that is not a proxy's is the client: what stands before it the client may have
 * written itself.
 */
export function originOfRequest(
  peer: Peer,
  head: RequestHead,
  proxies: AddressSet,
): RequestOrigin | null {
  if (proxies.isEmpty || !proxies.has(peer.address)) return null;
  const hops = hopsOf(head);
  let { address } = peer;
  let hop: ForwardedHop | undefined;
  for (let index = hops.length - 1; index >= 0; index--) {
    const { address: next } = hops[index] ?? {};
    // Rubbish hides whatever stands before it.
    if (next === undefined) break;
    hop = hops[index];
    address = next;
    if (!proxies.has(address)) break;
  }
  // Without an address the nearest proxy's word on the rest still counts.
  const told = hop ?? hops.at(-1);
  return {
    address,
    isSecure: secureOf(told?.proto) ?? peer.isSecure,
    host:
      (told?.host === undefined ? undefined : canonicalHost(told.host)?.authority) ??
      head.authority,
  };
}

/** X-Forwarded-* where X-Forwarded-For is among them; two accounts are never mixed. */
function hopsOf(head: RequestHead): ForwardedHop[] {
  const addresses = joined(head, 'x-forwarded-for');
  const forwarded = joined(head, 'forwarded');
  if (addresses === undefined && forwarded !== undefined) return hopsOfForwarded(forwarded) ?? [];
  const protos = joined(head, 'x-forwarded-proto');
  const hosts = joined(head, 'x-forwarded-host');
  if (addresses === undefined && protos === undefined && hosts === undefined) return [];
  return hopsOfXForwarded(addresses ?? 'unknown', protos, hosts);
}

function secureOf(proto: string | undefined): boolean | undefined {
  if (proto === 'https' || proto === 'wss') return true;
  return proto === 'http' || proto === 'ws' ? false : undefined;
}

/** Several fields of one name are one list (RFC 9110 §5.3). */
function joined({ fields }: RequestHead, name: string): string | undefined {
  let value: string | undefined;
  for (let index = 0; index < fields.count; index++) {
    if (fields.name(index).lower !== name) continue;
    value = value === undefined ? fields.value(index) : `${value}, ${fields.value(index)}`;
  }
  return value;
}
