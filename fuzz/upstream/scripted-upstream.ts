import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { readFileSync } from 'node:fs';
import type { KeyPairFiles } from '../gateway/certificates.ts';
import { UpstreamLink, type Ledger } from './upstream-link.ts';

/** Answers every request by the script of its case, and lets a strict reader see every octet that comes. */
export class ScriptedUpstream {
  readonly #server: Server;
  readonly #links = new Set<UpstreamLink>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** With a key pair it speaks TLS. */
  static async start(
    port: number,
    ledger: Ledger,
    keys: KeyPairFiles | null,
  ): Promise<ScriptedUpstream> {
    const secureContext =
      keys === null
        ? null
        : createSecureContext({
            cert: readFileSync(keys.certFile),
            key: readFileSync(keys.keyFile),
          });
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const upstream = new ScriptedUpstream(server);
    server.on('connection', (below) => {
      // A gateway may leave within the handshake, and a socket without a listener would end the process.
      below.on('error', () => {});
      const socket =
        secureContext === null ? below : new TLSSocket(below, { isServer: true, secureContext });
      const link = new UpstreamLink(socket, below, ledger);
      upstream.#links.add(link);
      below.on('close', () => upstream.#links.delete(link));
    });
    server.listen({ port, host: '127.0.0.1', backlog: 4096 });
    await once(server, 'listening');
    return upstream;
  }

  /** Connections that are open. */
  get openCount(): number {
    return this.#links.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const link of this.#links) link.destroy();
    await closed;
  }
}

/** Takes connections and never says a word. */
export async function startMute(port: number): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
