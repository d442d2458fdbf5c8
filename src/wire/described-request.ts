import type { SidecarProfile } from '../config/sidecar.ts';
import { FieldId } from '../http/field-names.ts';
import type { RequestHead } from './request-head.ts';

/** Scheme, authority, then path and query, as NGINX puts them together. */
const URL_FORM = /^(https?):\/\/([^/?#]*)(\/[^#]*)$/;
/** What a proxy says of how it was asked; `ws` and `wss` are its words for a WebSocket. */
const SCHEME = /^(?:https?|wss?)$/;

/** What a proxy says of a request of its client, by field; null where it does not say it, or says it twice. */
class Description {
  method: string | null = null;
  url: string | null = null;
  proto: string | null = null;
  host: string | null = null;
  uri: string | null = null;
  /** Its own neighbours may stand before it. */
  addresses = '';
  isWebSocket = false;

  constructor({ fields }: RequestHead, profile: SidecarProfile) {
    const isNginx = profile === 'nginx';
    for (let index = 0; index < fields.count; index++) {
      const { lower } = fields.name(index);
      switch (lower) {
        case 'x-original-method':
          if (isNginx) this.method = once(this.method, fields.value(index));
          break;
        case 'x-forwarded-method':
          if (!isNginx) this.method = once(this.method, fields.value(index));
          break;
        case 'x-original-url':
          this.url = once(this.url, fields.value(index));
          break;
        case 'x-forwarded-proto':
          this.proto = once(this.proto, fields.value(index));
          break;
        case 'x-forwarded-host':
          this.host = once(this.host, fields.value(index));
          break;
        case 'x-forwarded-uri':
          this.uri = once(this.uri, fields.value(index));
          break;
        case 'x-forwarded-for':
          this.addresses += `X-Forwarded-For: ${fields.value(index)}\r\n`;
          break;
        case 'sec-websocket-key':
        case 'sec-websocket-version':
          this.isWebSocket = true;
          break;
        default:
      }
    }
  }
}

/** Empty, which is no value of any of them, from the second on. */
function once(before: string | null, value: string): string {
  return before === null ? value : '';
}

/**
 * The head of the request that a proxy in front asks about, written down as that of an HTTP/1.1 request, to be read by the
 * same parser as all others; null where it does not describe one. Of the client's own fields those go in that somebody
 * may judge by. What the proxy asks with (`head`) is not to be read any more.
 */
export function describedRequest(
  head: RequestHead,
  profile: SidecarProfile,
  prefix: string,
): string | null {
  const told = new Description(head, profile);
  let { host, method, proto } = told;
  let target = told.uri;
  if (profile === 'nginx') {
    const url = URL_FORM.exec(told.url ?? '');
    proto = url?.[1] ?? null;
    host = url?.[2] ?? null;
    target = url?.[3] ?? null;
  } else if (profile === 'envoy') {
    ({ authority: host, method } = head);
    target = head.target.slice(prefix.length);
  }
  if (method === null || host === null || target === null || proto === null) return null;
  if (method === '' || host === '' || !target.startsWith('/') || !SCHEME.test(proto)) return null;
  dropFields(head);
  // Upgrade ends at the proxy. Whoever takes these fields for a handshake gets judged as if it had come with it.
  const upgrade = told.isWebSocket ? 'Upgrade: websocket\r\nConnection: Upgrade\r\n' : '';
  return (
    `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${told.addresses}` +
    `X-Forwarded-Proto: ${proto}\r\n${upgrade}${head.fields.write()}\r\n`
  );
}

/** What belongs to the question itself, and what only a proxy says. */
function dropFields({ fields }: RequestHead): void {
  for (let index = 0; index < fields.count; index++) {
    const { id, isHopByHop, isManaged } = fields.name(index);
    if (
      isHopByHop ||
      isManaged ||
      id === FieldId.host ||
      id === FieldId.contentLength ||
      id === FieldId.expect
    ) {
      fields.drop(index);
    }
  }
}
