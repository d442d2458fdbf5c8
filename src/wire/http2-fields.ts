import type { OutgoingHttpHeaders } from 'node:http2';
import type { Reply } from '../http/reply.ts';
import type { ResponseHead } from './response-head.ts';

/** Fields of an answer as `http2` takes them in order: a list in which names, in lower case, alternate with values. */
export type Http2Fields = string[];

/** An answer of our own. */
export function replyFields(reply: Reply): Http2Fields {
  const fields: Http2Fields = [':status', String(reply.status)];
  for (const [name, value] of reply.fields) fields.push(name.toLowerCase(), value);
  if (reply.status !== 204 && reply.status !== 304) {
    fields.push('content-length', String(Buffer.byteLength(reply.body)));
  }
  return fields;
}

/** An interim answer, in the one form that `http2` has for those: repeated fields as a list. */
export function interimFields(head: ResponseHead): OutgoingHttpHeaders {
  // Without a prototype: a field may be called `__proto__`.
  const fields = Object.create(null) as Record<string, string | string[]>; // it has none of whatever type
  for (const [spelling, value] of head.fields.lines()) {
    const name = spelling.toLowerCase();
    const known = fields[name];
    fields[name] = known === undefined ? value : [known, value].flat();
  }
  fields[':status'] = String(head.status);
  return fields;
}

/** The head of an upstream's answer, as edited. Its length goes along where it is known: clients check it. */
export function responseFields(head: ResponseHead): Http2Fields {
  const fields: Http2Fields = [':status', String(head.status)];
  for (const [name, value] of head.fields.lines()) fields.push(name.toLowerCase(), value);
  if (head.framing !== 'chunked' && head.contentLength >= 0 && head.status !== 204) {
    fields.push('content-length', String(head.contentLength));
  }
  return fields;
}
