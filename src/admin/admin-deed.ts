import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { canonicalHost } from '../http/host.ts';

/** Something that a command asks of the running gateway, as JSON. */
export interface AdminDeed {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  /** `body`: what was sent, parsed; null for none. Null: it makes no sense. */
  answer(body: unknown): Promise<object | null>;
}

/** A deed is told in a few words. */
const bodyBytesMax = 4_096;

/**
 * Whether a program asks, and no page in an operator's browser: a browser says where a page is from, and a page that
 * makes its own name stand for this address still has to name itself.
 */
export function isAskedByProgram({ headers }: IncomingMessage, boundHost: string): boolean {
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return false;
  const name = canonicalHost(headers.host ?? '')?.name ?? '';
  const bare = name.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 || bare === 'localhost' || bare === boundHost;
}

/** Null for what is no JSON, or too much. */
export async function readJson(
  request: IncomingMessage,
): Promise<{ readonly value: unknown } | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request) {
    const bytes: Buffer = piece instanceof Buffer ? piece : Buffer.from(String(piece));
    length += bytes.length;
    if (length > bodyBytesMax) return null;
    pieces.push(bytes);
  }
  try {
    return {
      value: length === 0 ? null : (JSON.parse(Buffer.concat(pieces).toString()) as unknown),
    }; // JSON.parse knows no types
  } catch {
    return null;
  }
}
