import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';

const OPEN_AT_ONCE = 50;
const ECHO_MS = 20_000;

/** Many WebSockets, each of which is opened again when it is told to come back. */
export class WebSocketCrowd {
  /** Closed with 1012 since the last look. */
  #told = 0;
  /** Closed in any other way. */
  #lost = 0;
  readonly #url: string;
  readonly #sockets = new Set<WebSocket>();
  #isOver = false;
  #opening = 0;

  constructor(port: number, path: string) {
    this.#url = `ws://127.0.0.1:${port}${path}`;
  }

  async open(count: number): Promise<void> {
    for (let left = count; left > 0; left -= OPEN_AT_ONCE) {
      const batch = Math.min(OPEN_AT_ONCE, left);
      await Promise.all(Array.from({ length: batch }, () => this.#open()));
    }
  }

  /** What happened since the last look. */
  look(): { told: number; lost: number } {
    const seen = { told: this.#told, lost: this.#lost };
    this.#told = 0;
    this.#lost = 0;
    return seen;
  }

  /** Closed with 1012 since the last look. */
  get told(): number {
    return this.#told;
  }

  get isOpening(): boolean {
    return this.#opening > 0;
  }

  /** How many do not send back what they are sent. */
  async silent(): Promise<number> {
    const echoes = await Promise.all([...this.#sockets].map((socket) => isEchoing(socket)));
    return echoes.filter((isHeard) => !isHeard).length;
  }

  close(): void {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.terminate();
  }

  async #open(): Promise<void> {
    this.#opening++;
    try {
      const socket = new WebSocket(this.#url, { perMessageDeflate: false });
      socket.on('error', () => {});
      socket.on('close', (code) => this.#closed(socket, code));
      await once(socket, 'open');
      this.#sockets.add(socket);
    } finally {
      this.#opening--;
    }
  }

  #closed(socket: WebSocket, code: number): void {
    if (this.#isOver) return;
    this.#sockets.delete(socket);
    if (code === 1012) {
      this.#told++;
      this.#open().catch(() => this.#lost++);
    } else this.#lost++;
  }
}

async function isEchoing(socket: WebSocket): Promise<boolean> {
  const message = randomBytes(32);
  const signal = AbortSignal.timeout(ECHO_MS);
  try {
    const answer = once(socket, 'message', { signal });
    socket.send(message);
    const [back]: unknown[] = await answer;
    return Buffer.isBuffer(back) && back.equals(message);
  } catch {
    return false;
  }
}
