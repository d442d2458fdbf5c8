import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { getSystemErrorName } from 'node:util';

/**
 * A bound socket that this process does not accept from: workers are sent it, listen on it and share its queue. While the
 * handle is open the port stays ours, whatever becomes of them, and who connects meanwhile waits in the queue.
 */
export interface ListenHandle {
  /** The port that was bound: the one asked for may be 0. */
  readonly port: number;
  /** What is sent to a worker, and what its server listens on. */
  readonly native: object;
  close(): void;
}

/** The part of Node's handle that is used here. */
interface NativeHandle {
  getsockname(into: { port?: number }): number;
  close(): void;
}

/** Rejects with an error that has the system's code (EADDRINUSE and the like). */
export async function openListenHandle(address: {
  readonly host: string;
  readonly port: number;
}): Promise<ListenHandle> {
  const { port } = address;
  if (net.isIP(address.host) !== 0) return bindTo(address.host, port);
  const { address: host } = await lookup(address.host);
  return bindTo(host, port);
}

function bindTo(host: string, port: number): ListenHandle {
  const made = createHandle(host, port);
  if (typeof made !== 'number') return checked(made, port);
  // All addresses, on a machine that has no IPv6: all that it has.
  if (host === '::' && getSystemErrorName(made) === 'EAFNOSUPPORT') return bindTo('0.0.0.0', port);
  throw systemError(getSystemErrorName(made));
}

/**
 * A port that is taken is not said at the bind, and a socket that is not bound would listen on a port of the system's
 * choice: so the system is asked what was bound.
 */
function checked(native: NativeHandle, wanted: number): ListenHandle {
  const bound: { port?: number } = {};
  const failure = native.getsockname(bound);
  if (failure !== 0 || bound.port === undefined || (wanted !== 0 && bound.port !== wanted)) {
    native.close();
    throw systemError('EADDRINUSE');
  }
  return { port: bound.port, native, close: () => native.close() };
}

/** What `node:cluster` itself uses for this. A server of our own would accept as soon as it listens. */
function createHandle(host: string, port: number): NativeHandle | number {
  const create: unknown = Reflect.get(net, '_createServerHandle');
  if (typeof create !== 'function') throw new Error('this Node cannot share a socket');
  // Node's types do not have it: a handle, or the negative number of an error.
  return Reflect.apply(create, net, [host, port, net.isIPv6(host) ? 6 : 4]) as
    | NativeHandle
    | number;
}

function systemError(code: string): Error {
  return Object.assign(new Error(`bind ${code}`), { code });
}
