import { nodeHttp } from '../lib/node-http.ts';
import { PERSISTENCE_LINE, type Persistence } from './reply-text.ts';
import type { BodyFraming, ResponseHead } from './response-head.ts';

/** How the body of an upstream's answer is framed for this client: HTTP/1.0 cannot read chunks. */
export function framingFor(head: ResponseHead, clientMinor: number): BodyFraming {
  if (head.framing !== 'chunked' && head.framing !== 'close') return head.framing;
  return clientMinor === 0 ? 'close' : 'chunked';
}

/** The usual ones, by their status. */
const usualLines: readonly (readonly [reason: string, line: string] | undefined)[] = Array.from(
  { length: 600 },
  (_, status) => {
    const reason = nodeHttp.STATUS_CODES[status];
    return reason === undefined ? undefined : [reason, `HTTP/1.1 ${status} ${reason}\r\n`];
  },
);

function statusLine({ reason, status }: ResponseHead): string {
  const usual = usualLines[status];
  return usual?.[0] === reason ? usual[1] : `HTTP/1.1 ${status} ${reason}\r\n`;
}

/** The head of an upstream's answer as the client gets it: its fields as edited, framing and persistence ours. */
export function responseHeadText(
  head: ResponseHead,
  framing: BodyFraming,
  persistence: Persistence,
): string {
  let framingLine = '';
  if (framing === 'chunked') framingLine = 'Transfer-Encoding: chunked\r\n';
  // 204 has none (RFC 9110 §8.6); the answer to HEAD and a 304 tell the length of what they leave out.
  else if (framing !== 'close' && head.contentLength >= 0 && head.status !== 204) {
    framingLine = `Content-Length: ${head.contentLength}\r\n`;
  }
  return (
    `${statusLine(head)}${head.fields.write()}` +
    `${framingLine}${PERSISTENCE_LINE[persistence]}\r\n`
  );
}
