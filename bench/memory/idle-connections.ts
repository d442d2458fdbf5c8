import { once } from 'node:events';
import net, { type Socket } from 'node:net';

export interface IdleConnectionsOptions {
  readonly port: number;
  readonly cookie: string;
  readonly count: number;
  readonly signal: AbortSignal;
}

const parallel = 64;
/** Each loopback address has some 28,000 ports. */
const perAddress = 10_000;

/** Kept-alive connections that have sent one request each and now do nothing. */
export class IdleConnections {
  readonly #sockets: Socket[] = [];

  static async open(options: IdleConnectionsOptions): Promise<IdleConnections> {
    const connections = new IdleConnections();
    let next = 0;
    const openInTurn = async (): Promise<void> => {
      while (next < options.count) {
        options.signal.throwIfAborted();
        const number = next;
        next += 1;
        await connections.#open(options, `127.0.1.${1 + Math.floor(number / perAddress)}`);
      }
    };
    try {
      await Promise.all(Array.from({ length: parallel }, openInTurn));
    } catch (error) {
      connections[Symbol.dispose]();
      throw error;
    }
    return connections;
  }

  async #open({ port, cookie }: IdleConnectionsOptions, localAddress: string): Promise<void> {
    const socket = net.connect({ host: '127.0.0.1', port, localAddress });
    this.#sockets.push(socket);
    socket.write(`GET /api/hello HTTP/1.1\r\nHost: memory\r\nCookie: ${cookie}\r\n\r\n`);
    // The answer of the cheap upstream is so short that it comes in one piece.
    const [answer]: Buffer[] = await once(socket, 'data');
    if (answer?.toString('latin1', 0, 12) !== 'HTTP/1.1 200') {
      throw new Error(`a connection was answered: ${answer?.toString('latin1', 0, 40)}`);
    }
    socket.on('error', () => {});
    socket.resume();
  }

  /** How many the gateway has not closed. */
  get openCount(): number {
    return this.#sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
