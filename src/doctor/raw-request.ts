import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What came back: everything, as one text. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

export interface RawTarget {
  readonly url: URL;
  /** PEM; null: the authorities that Node trusts. */
  readonly authorities: string | null;
}

const answerBytesMax = 1_048_576;
const timeoutMs = 10_000;

/** One request, written octet by octet: a library would correct what is to be found out. Rejects where nobody answers. */
export async function rawRequest(target: RawTarget, lines: readonly string[]): Promise<RawAnswer> {
  const { url } = target;
  const socket = open(target);
  const signal = AbortSignal.timeout(timeoutMs);
  const { promise, reject, resolve } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const end = (): void => resolve(Buffer.concat(chunks).toString('latin1'));
  signal.addEventListener('abort', () => reject(new Error('no answer in time')));
  socket.on('error', (error) => {
    // Whoever answers and resets the connection has answered.
    if (bytes > 0) end();
    else reject(error);
  });
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > answerBytesMax) end();
  });
  socket.once('end', end).once('close', end);
  const path = `${url.pathname}${url.search}`;
  const head = [`GET ${path} HTTP/1.1`, `Host: ${url.host}`, ...lines];
  socket.write(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
  try {
    const text = await promise;
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? '0');
    if (status === 0) throw new Error('the answer is no HTTP');
    return { status, text };
  } finally {
    socket.destroy();
  }
}

function open({ authorities, url }: RawTarget): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isSecure = url.protocol === 'https:';
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
  if (!isSecure) return connectTcp({ host, port });
  return connectTls({
    ...{ host, port, ALPNProtocols: ['http/1.1'] },
    ...(isIP(host) === 0 && { servername: host }),
    ...(authorities !== null && { ca: authorities }),
  });
}
