import type net from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { nodeTls } from '../lib/node-tls.ts';
import { LentReads, LentSocket, type LentReader } from './lent-socket.ts';
import { ReadBuffer } from './read-buffer.ts';
import type { UpstreamTls } from './upstream-tls.ts';

/**
 * All connections to upstreams read into one buffer: a read and its callback are one turn, and whoever keeps octets
 * copies them. A buffer each would be 64 KiB per connection. With TLS as well: what is deciphered is put here and told
 * at once, 16 KiB at a time.
 */
const READ = new ReadBuffer();

/** Where a server is, and how it is spoken to. */
export interface UpstreamAddress {
  /** An IP address, or a name that is left to the system. */
  readonly host: string;
  readonly port: number;
  /** Null: host and port count. */
  readonly socketPath: string | null;
  /** What it is called in the configuration: its certificate has to have this name. */
  readonly name: string;
  /** Null: clear text. */
  readonly tls: UpstreamTls | null;
}

/** Begins a connection. */
export function openUpstreamSocket(server: UpstreamAddress, read: LentReader): net.Socket {
  const { host, port, socketPath } = server;
  if (server.tls === null) {
    const socket = new LentSocket(READ, { noDelay: socketPath === null }, read);
    return socket.connect(socketPath === null ? { host, port } : { path: socketPath });
  }
  // `noDelay` and `onread` are handed on to the socket below, which the types of Node do not say.
  const options: ConnectionOptions & net.TcpNetConnectOpts = {
    ...server.tls.optionsFor(server.name),
    host,
    port,
    noDelay: true,
    onread: new LentReads(READ, read),
  };
  return nodeTls().connect(options);
}

/** What says that such a connection can carry requests. */
export function readyEvent(server: UpstreamAddress): 'connect' | 'secureConnect' {
  return server.tls === null ? 'connect' : 'secureConnect';
}

export function isTlsError(error: Error): boolean {
  return /^ERR_(?:SSL|TLS)_/.test(String(Reflect.get(error, 'code')));
}
