import { request as requestClear } from 'node:http';
import { request as requestTls } from 'node:https';

/** A provider says little; whoever sends more is none. */
const documentBytesMax = 256 * 1024;

export interface DocumentSource {
  /** PEM; null: the authorities that Node trusts. */
  readonly ca: string | null;
  readonly timeoutMs: number;
}

/**
 * Reads a JSON document of a provider. Only 200 is an answer: a redirect would lead to somebody whom nobody named.
 * Rejects for anything else, a slow or a long answer included.
 */
export async function readProviderDocument(
  url: string,
  { ca, timeoutMs }: DocumentSource,
): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs);
  const request = url.startsWith('https:') ? requestTls : requestClear;
  const headers = { Accept: 'application/json', 'Accept-Encoding': 'identity' };
  const options = {
    signal,
    headers,
    agent: false as const,
    minVersion: 'TLSv1.2' as const,
    ...(ca !== null && { ca }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request(url, options, (answer) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > documentBytesMax) asked.destroy(new Error('the answer is too long'));
      else chunks.push(chunk);
    });
    answer.once('error', reject).once('end', () => {
      if (!answer.complete) reject(new Error('the answer was cut off'));
      else if (answer.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(new Error(`the answer was ${String(answer.statusCode)}`));
    });
  });
  asked.once('error', reject).end();
  const document: unknown = JSON.parse(await promise);
  return document;
}
