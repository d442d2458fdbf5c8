import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

/** Two ends of a connection of this process; `far` reads nothing before it is asked to. */
export class SocketPair implements AsyncDisposable {
  readonly near: Socket;
  readonly far: Socket;
  readonly #server: net.Server;

  private constructor(server: net.Server, near: Socket, far: Socket) {
    this.#server = server;
    this.near = near;
    this.far = far;
  }

  static async open(): Promise<SocketPair> {
    const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // bound to a port above
    const accepted = once(server, 'connection');
    const near = net.connect({ port, host: '127.0.0.1' });
    await once(near, 'connect');
    const [far] = (await accepted) as [Socket];
    for (const socket of [near, far]) socket.on('error', () => {});
    return new SocketPair(server, near, far);
  }

  /** All that the far end gets until the near end has ended. */
  async read(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    this.far.on('data', (piece: Buffer) => pieces.push(piece)).resume();
    await once(this.far, 'end');
    return Buffer.concat(pieces);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.near.destroy();
    this.far.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
