import { once } from 'node:events';
import { WebSocket, type RawData } from 'ws';

/** A client that sends a message and wants the same octets back. */
export class EchoClient {
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('error', () => {});
  }

  static async open(port: number, cookie: string): Promise<EchoClient> {
    const origin = `http://127.0.0.1:${port}`;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/echo`, {
      headers: { cookie, origin },
      perMessageDeflate: false,
    });
    await once(socket, 'open');
    return new EchoClient(socket);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Whether it came back whole. `pieces`: in how many fragments it is sent. */
  async echo(message: Buffer, pieces: number): Promise<boolean> {
    const answer = once(this.#socket, 'message') as Promise<[RawData]>; // the event's arguments
    const size = Math.ceil(message.length / pieces);
    for (let at = 0; at < message.length; at += size) {
      const fin = at + size >= message.length;
      this.#socket.send(message.subarray(at, at + size), { binary: true, fin });
    }
    const [back] = await answer;
    return Buffer.isBuffer(back) && back.equals(message);
  }

  close(): void {
    this.#socket.terminate();
  }
}
