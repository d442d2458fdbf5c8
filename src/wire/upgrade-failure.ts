import type { UpstreamFailure } from './upstream-failure.ts';
import { isTlsError } from './upstream-socket.ts';

/** What an error of Node's client says of a handshake. */
export function upgradeFailureOf(
  error: Error,
  { isReached, isConnected }: { readonly isReached: boolean; readonly isConnected: boolean },
): UpstreamFailure {
  const code = String(Reflect.get(error, 'code'));
  if (!isReached) return 'connect-failed';
  if (!isConnected || isTlsError(error)) return 'tls';
  if (code === 'HPE_HEADER_OVERFLOW') return 'head-too-large';
  if (code.startsWith('HPE_')) return 'malformed';
  return error.message === 'socket hang up' ? 'closed' : 'reset';
}
