import { bodyRule, readBody, readHead, Unreadable, type Fields } from '../reading/message-text.ts';

/** One final response as a strict client reads it. */
export interface ClientResponse {
  readonly status: number;
  readonly fields: Fields;
  readonly body: string;
  readonly isWhole: boolean;
}

export interface ClientReading {
  readonly responses: readonly ClientResponse[];
  /** What stands behind the last response and is none; empty: nothing. */
  readonly rest: string;
  /** Behind it the connection speaks another protocol. */
  readonly isSwitched: boolean;
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [\t\x20-\x7e\x80-\xff]*$/;

/**
 * Reads what a gateway sent on a connection. `methods`: of the requests, in order; `isOver`: a body without length ended
 * with the connection in the regular way.
 */
export function readResponses(
  text: string,
  methods: readonly string[],
  isOver: boolean,
): ClientReading {
  const responses: ClientResponse[] = [];
  let at = 0;
  while (at < text.length) {
    const head = readHead(text, at);
    if (head === null) break;
    const match = STATUS_LINE.exec(head.startLine);
    if (match === null) throw new Unreadable(`status line ${JSON.stringify(head.startLine)}`);
    const status = Number(match[1]);
    at = head.end;
    if (status === 101) return { responses, rest: text.slice(at), isSwitched: true };
    if (status < 200) continue;
    const method = methods[responses.length] ?? 'GET';
    const { body, end, isWhole } = readAnswerBody(text, at, status, method, head.fields, isOver);
    responses.push({ status, fields: head.fields, body, isWhole });
    at = end;
    if (!isWhole) break;
  }
  return { responses, rest: text.slice(at), isSwitched: false };
}

interface BodyReading {
  readonly body: string;
  readonly end: number;
  readonly isWhole: boolean;
}

function readAnswerBody(
  text: string,
  at: number,
  status: number,
  method: string,
  fields: Fields,
  isOver: boolean,
): BodyReading {
  if (method === 'HEAD' || status === 204 || status === 304) {
    return { body: '', end: at, isWhole: true };
  }
  const rule = bodyRule(fields, 'close');
  const { body, end, isWhole } = readBody(text, at, rule, fields);
  return { body, end, isWhole: rule === 'close' ? isOver : isWhole };
}
