/**
 * The bytes of a request: `Host: a` first, then these lines, then the body as it is. No framing is added: what frames a
 * body is what most tests are about.
 */
export function request(
  method: string,
  target: string,
  lines: readonly string[] = [],
  body = '',
): string {
  const fields = ['Host: a', ...lines].map((line) => `${line}\r\n`).join('');
  return `${method} ${target} HTTP/1.1\r\n${fields}\r\n${body}`;
}

/** One chunk with its framing. */
export function chunk(payload: string): string {
  return `${payload.length.toString(16)}\r\n${payload}\r\n`;
}

export const lastChunk = '0\r\n\r\n';
