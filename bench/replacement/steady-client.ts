import { connect, type Socket } from 'node:net';

/** What became of a request. `refused`: no connection; `cut`: a connection that ended before the whole answer. */
export type Fate = 'answered' | 'refused' | 'cut' | 'wrong';

/** `detail`: the status, or the code of the error. */
export interface End {
  readonly fate: Fate;
  readonly detail: string;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** A client that sends one request at a time over one connection, and takes no second chance. */
export class SteadyClient {
  readonly #socket: Socket;
  readonly #request: string;
  #isConnected = false;
  #received: Buffer = Buffer.alloc(0);
  #finish: ((end: End) => void) | null = null;
  #isOver = false;

  constructor(port: number, path: string, isKept: boolean) {
    const connection = isKept ? 'keep-alive' : 'close';
    this.#request = `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket
      .on('connect', () => {
        this.#isConnected = true;
      })
      .on('data', (bytes: Buffer) => this.#take(bytes))
      .on('end', () => this.#end('FIN'))
      .on('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? error.message))
      .on('close', () => this.#end('close'));
  }

  /** The other side has not said that it is over. */
  get isFree(): boolean {
    return !this.#isOver && this.#finish === null;
  }

  send(): Promise<End> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#socket.write(this.#request);
    });
  }

  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const end = this.#received.indexOf(HEAD_END);
    if (end === -1) return;
    const head = this.#received.toString('latin1', 0, end);
    const length = Number(/\ncontent-length: (\d+)/i.exec(head)?.[1] ?? '0');
    if (this.#received.length < end + HEAD_END.length + length) return;
    this.#received = Buffer.alloc(0);
    if (/\nconnection: close/i.test(head)) this.close();
    const status = head.slice(9, 12);
    this.#settle({ fate: status === '200' ? 'answered' : 'wrong', detail: status });
  }

  #end(detail: string): void {
    this.#isOver = true;
    this.#socket.destroy();
    this.#settle({ fate: this.#isConnected ? 'cut' : 'refused', detail });
  }

  #settle(end: End): void {
    const finish = this.#finish;
    this.#finish = null;
    finish?.(end);
  }
}
