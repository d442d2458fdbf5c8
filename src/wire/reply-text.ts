import type { Reply } from '../http/reply.ts';
import type { RequestHead } from './request-head.ts';
import { nodeHttp } from '../lib/node-http.ts';

/** How the connection goes on after an answer. HTTP/1.0 wants to be told when it stays, HTTP/1.1 when it goes. */
export type Persistence = 'stays' | 'stays-1.0' | 'closes';

export const PERSISTENCE_LINE: Readonly<Record<Persistence, string>> = {
  stays: '',
  'stays-1.0': 'Connection: keep-alive\r\n',
  closes: 'Connection: close\r\n',
};

/** RFC 9112 §9.3: HTTP/1.1 stays unless somebody says otherwise, HTTP/1.0 only if it was asked for. */
export function persistenceFor(head: RequestHead, isLast: boolean): Persistence {
  if (isLast || head.isCloseAsked) return 'closes';
  if (head.minor === 1) return 'stays';
  return head.isKeepAliveAsked ? 'stays-1.0' : 'closes';
}

const ASCII = /^[\x00-\x7f]*$/;

/** The fields of answers that are made once and sent often; such ones are frozen. */
const kept = new WeakMap<Reply, string>();

/** The head of an answer of our own, with its framing (RFC 9112 §6.2: nothing of it for 204 and 304). */
export function replyHeadText(reply: Reply, dateLine: string, persistence: Persistence): string {
  const reason = nodeHttp.STATUS_CODES[reply.status] ?? 'Unknown';
  return `HTTP/1.1 ${reply.status} ${reason}\r\n${dateLine}${fieldsText(reply)}${PERSISTENCE_LINE[persistence]}\r\n`;
}

interface KeptText {
  dateLine: string;
  text: string;
}

const keptTexts = new WeakMap<Reply, KeptText>();

/**
 * Head and body as one flat latin1 string, for answers that are made once and go out many times within a second to
 * connections that stay; null for all others.
 */
export function keptReplyText(
  reply: Reply,
  dateLine: string,
  persistence: Persistence,
): string | null {
  if (persistence !== 'stays' || !Object.isFrozen(reply)) return null;
  const known = keptTexts.get(reply);
  if (known?.dateLine === dateLine) return known.text;
  if (typeof reply.body !== 'string' || !ASCII.test(reply.body)) return null;
  const head = replyHeadText(reply, dateLine, persistence);
  const text = Buffer.from(head + reply.body, 'latin1').toString('latin1');
  keptTexts.set(reply, { dateLine, text });
  return text;
}

function fieldsText(reply: Reply): string {
  const known = kept.get(reply);
  if (known !== undefined) return known;
  let text = '';
  for (const [name, value] of reply.fields) text += `${name}: ${value}\r\n`;
  if (reply.status !== 204 && reply.status !== 304) {
    text += `Content-Length: ${Buffer.byteLength(reply.body)}\r\n`;
  }
  if (Object.isFrozen(reply)) kept.set(reply, text);
  return text;
}
