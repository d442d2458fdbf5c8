import type { AdminConfig } from '../config/admin.ts';
import { isWildcard } from '../config/address.ts';

/** What the running gateway said, or why it said nothing: a sentence. */
export type AdminAnswer =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly reason: string };

const timeoutMs = 10_000;

/** Asks the running gateway for something, at its operators' port. `body` undefined: asks only. */
export async function askGateway(
  { host, port }: AdminConfig,
  path: string,
  body?: object,
): Promise<AdminAnswer> {
  const reached = isWildcard(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const url = `http://${reached}:${port}${path}`;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!response.ok) return { kind: 'failed', reason: `${url} answered ${response.status}` };
    const value: unknown = await response.json();
    return { kind: 'answered', value };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    return { kind: 'failed', reason: `no gateway answers at ${url} (${why})` };
  }
}
