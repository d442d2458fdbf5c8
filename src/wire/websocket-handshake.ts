import { hash } from 'node:crypto';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';

/** RFC 6455 §1.3: what a server proves that it has read the key with. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** 16 octets in base64: the last character before the padding has four bits that must be 0. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/**
 * Whether a head is the opening handshake of a WebSocket (RFC 6455 §4.2.1), whole and unambiguous. Anything else that
 * wants another protocol is a plain request: its Upgrade goes no further.
 */
export function isWebSocketHandshake(head: RequestHead): boolean {
  if (head.method !== 'GET' || head.minor !== 1 || head.hasBody || head.isContinueExpected) {
    return false;
  }
  if (!head.nominated.includes('upgrade')) return false;
  // A hop that obeys would take the handshake's own fields away.
  if (head.nominated.some((name) => name.startsWith('sec-websocket-'))) return false;
  return (
    onlyValue(head, 'upgrade')?.toLowerCase() === 'websocket' &&
    onlyValue(head, 'sec-websocket-version') === '13' &&
    KEY.test(webSocketKey(head))
  );
}

/** Empty where there is none, or more than one. */
export function webSocketKey(head: RequestHead): string {
  return onlyValue(head, 'sec-websocket-key') ?? '';
}

/** Whether an upstream's 101 answers the handshake with this key. */
export function isHandshakeAnswered(head: ResponseHead, key: string): boolean {
  return (
    head.nominated.includes('upgrade') &&
    onlyValue(head, 'upgrade')?.toLowerCase() === 'websocket' &&
    onlyValue(head, 'sec-websocket-accept') === hash('sha1', key + GUID, 'base64')
  );
}

function onlyValue({ fields }: RequestHead | ResponseHead, name: string): string | undefined {
  let value: string | undefined;
  for (let index = 0; index < fields.count; index++) {
    if (fields.name(index).lower !== name) continue;
    if (value !== undefined) return undefined;
    value = fields.value(index);
  }
  return value;
}
