import type { Reply } from '../http/reply.ts';
import type { ResponseHead } from './response-head.ts';

/** Fields of an answer in the form that `http2` wants: names in lower case, repeated ones as a list. */
export type Http2Fields = Record<string, string | number | string[]>;

/** An answer of our own. */
export function replyFields(reply: Reply): Http2Fields {
  const fields = emptyFields(reply.status);
  for (const [name, value] of reply.fields) add(fields, name, value);
  if (reply.status !== 204 && reply.status !== 304) {
    fields['content-length'] = Buffer.byteLength(reply.body);
  }
  return fields;
}

/** The head of an upstream's answer, as edited. Its length goes along where it is known: clients check it. */
export function responseFields(head: ResponseHead): Http2Fields {
  const fields = emptyFields(head.status);
  for (const [name, value] of head.fields.lines()) add(fields, name, value);
  if (head.framing !== 'chunked' && head.contentLength >= 0 && head.status !== 204) {
    fields['content-length'] = head.contentLength;
  }
  return fields;
}

/** Without a prototype: a field may be called `__proto__`. */
function emptyFields(status: number): Http2Fields {
  const fields = Object.create(null) as Http2Fields; // it has none of whatever type
  fields[':status'] = status;
  return fields;
}

function add(fields: Http2Fields, spelling: string, value: string): void {
  const name = spelling.toLowerCase();
  const known = fields[name];
  if (known === undefined) fields[name] = value;
  else if (Array.isArray(known)) known.push(value);
  else fields[name] = [String(known), value];
}
