import type { StormPlan } from './storm-plan.ts';

/** The bytes of a request, and where its head ends. */
export interface StormRequest {
  readonly bytes: Buffer;
  readonly headBytes: number;
}

const chunkBytes = 4_000;

function chunked(bodyBytes: number): string {
  let text = '';
  for (let left = bodyBytes; left > 0; left -= chunkBytes) {
    const size = Math.min(left, chunkBytes);
    text += `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`;
  }
  return `${text}0\r\n\r\n`;
}

export function writeRequest(plan: StormPlan, cookie: string): StormRequest {
  const start =
    plan.deed === 'refuse' ? '/refused/storm' : `/api/storm/${plan.deed}/${plan.answerBytes}`;
  const framing = {
    none: '',
    length: `Content-Length: ${plan.bodyBytes}\r\n`,
    chunked: 'Transfer-Encoding: chunked\r\n',
  }[plan.body];
  const method = plan.body === 'none' ? 'GET' : 'POST';
  const head = `${method} ${start} HTTP/1.1\r\nHost: storm\r\nCookie: ${cookie}\r\n${framing}\r\n`;
  const body = {
    none: '',
    length: 'x'.repeat(plan.bodyBytes),
    chunked: plan.body === 'chunked' ? chunked(plan.bodyBytes) : '',
  }[plan.body];
  return { bytes: Buffer.from(head + body, 'latin1'), headBytes: head.length };
}

/** How many bytes the client sends before it gives up; all of them, if it gives up later or never. */
export function bytesToSend(plan: StormPlan, request: StormRequest): number {
  const { headBytes, bytes } = request;
  if (plan.cut === 'head') return 1 + Math.floor(plan.cutShare * (headBytes - 1));
  if (plan.cut === 'body') {
    return headBytes + Math.floor(plan.cutShare * (bytes.length - headBytes - 1));
  }
  return bytes.length;
}
