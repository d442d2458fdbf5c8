import net from 'node:net';

/** Clients that ask for something large and take nothing of it. */
export class SlowReaders implements Disposable {
  readonly #sockets: net.Socket[];

  constructor(port: number, cookie: string, count: number) {
    const request = `GET /api/bulk/1048576 HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`;
    this.#sockets = Array.from({ length: count }, () => {
      const socket = net.connect({ host: '127.0.0.1', port, localAddress: '127.0.0.1' });
      socket.on('error', () => {}).on('connect', () => socket.write(request));
      socket.pause();
      return socket;
    });
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
