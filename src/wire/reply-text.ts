import { STATUS_CODES } from 'node:http';
import type { Reply } from '../http/reply.ts';

/** How the connection goes on after an answer. HTTP/1.0 wants to be told when it stays, HTTP/1.1 when it goes. */
export type Persistence = 'stays' | 'stays-1.0' | 'closes';

export const PERSISTENCE_LINE: Readonly<Record<Persistence, string>> = {
  stays: '',
  'stays-1.0': 'Connection: keep-alive\r\n',
  closes: 'Connection: close\r\n',
};

/** The head of an answer of our own, with its framing (RFC 9112 §6.2: nothing of it for 204 and 304). */
export function replyHeadText(reply: Reply, dateLine: string, persistence: Persistence): string {
  let text = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? 'Unknown'}\r\n${dateLine}`;
  for (const [name, value] of reply.fields) text += `${name}: ${value}\r\n`;
  if (reply.status !== 204 && reply.status !== 304) {
    text += `Content-Length: ${Buffer.byteLength(reply.body)}\r\n`;
  }
  return `${text}${PERSISTENCE_LINE[persistence]}\r\n`;
}
