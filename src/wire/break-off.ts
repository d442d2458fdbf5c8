import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * Closes so that the other side can tell it from an end: by a reset, and with TLS, where Node has none, by leaving out
 * the alert that belongs to an end (RFC 8446 §6.1).
 */
export function breakOff(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
