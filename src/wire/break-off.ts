import type { Socket } from 'node:net';

/**
 * Closes so that the other side can tell it from an end: by a reset, and with TLS, where Node has none, by leaving out
 * the alert that belongs to an end (RFC 8446 §6.1).
 */
export function breakOff(socket: Socket): void {
  // Told by what it has, for the class comes with all of Node's TLS, and most gateways behind a terminator have none.
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}
