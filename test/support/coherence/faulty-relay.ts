import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** As the side sees it that connects: `up` leads to the server. */
export type Direction = 'up' | 'down';

/** What is done to bytes of one direction. Those that are held come out in order when nothing holds them any more. */
interface Line {
  isHeld: boolean;
  /** Each piece is late by this much, and by a random part of the other. */
  delayMs: number;
  jitterMs: number;
}

/** One connection through the relay. */
export class RelayedConnection {
  readonly index: number;
  readonly #ways: Readonly<Record<Direction, Way>>;
  readonly #sockets: readonly [client: Socket, server: Socket];

  constructor(index: number, client: Socket, server: Socket, random: () => number) {
    this.index = index;
    this.#sockets = [client, server];
    this.#ways = { up: new Way(client, server, random), down: new Way(server, client, random) };
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.on('error', () => this.cut());
      socket.on('close', () => this.cut());
    }
  }

  /** As the server knows the other end of it. */
  get port(): number | undefined {
    return this.#sockets[1].localPort;
  }

  get isOpen(): boolean {
    return this.#sockets.every((socket) => !socket.destroyed);
  }

  set(direction: Direction, line: Line): void {
    this.#ways[direction].set(line);
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** The bytes that one side sends to the other. */
class Way {
  readonly #to: Socket;
  readonly #random: () => number;
  #line: Line = { isHeld: false, delayMs: 0, jitterMs: 0 };
  readonly #waiting: { readonly piece: Buffer | null; readonly dueAtMs: number }[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(from: Socket, to: Socket, random: () => number) {
    this.#to = to;
    this.#random = random;
    from.on('data', (piece: Buffer) => this.#take(piece));
    from.on('end', () => this.#take(null));
  }

  set(line: Line): void {
    this.#line = line;
    this.#deliver();
  }

  #take(piece: Buffer | null): void {
    const { delayMs, jitterMs } = this.#line;
    const dueAtMs = performance.now() + delayMs + this.#random() * jitterMs;
    this.#waiting.push({ piece, dueAtMs });
    this.#deliver();
  }

  /** In their order, as a network with retransmission has it: what is late holds up what comes after it. */
  #deliver(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (!this.#line.isHeld) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const waitMs = first.dueAtMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#deliver(), Math.ceil(waitMs));
        return;
      }
      this.#waiting.shift();
      if (this.#to.destroyed) continue;
      if (first.piece === null) this.#to.end();
      else this.#to.write(first.piece);
    }
  }
}

/** Which connections a fault is for: all, or by the order in which they came. */
export type Which = (connection: RelayedConnection) => boolean;

const all: Which = () => true;

/**
 * A TCP relay that misbehaves as it is told: a network between a client and a server. Delays (those with jitter bring
 * connections out of step with each other), one direction that goes nowhere, cut and refused connections. What is done
 * to all holds for those that come later, too.
 */
export class FaultyRelay {
  readonly port: number;
  readonly #server: Server;
  readonly #targetPort: () => number;
  readonly #random: () => number;
  readonly #connections = new Set<RelayedConnection>();
  readonly #lines: Record<Direction, Line> = {
    up: { isHeld: false, delayMs: 0, jitterMs: 0 },
    down: { isHeld: false, delayMs: 0, jitterMs: 0 },
  };
  #isRefusing = false;
  #count = 0;

  private constructor(server: Server, port: number, target: () => number, random: () => number) {
    this.#server = server;
    this.port = port;
    this.#targetPort = target;
    this.#random = random;
  }

  /** `target` is asked for every connection: a server that is started again has another port. */
  static async start(target: () => number, random: () => number = () => 0): Promise<FaultyRelay> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const relay = new FaultyRelay(server, address.port, target, random);
    server.on('connection', (socket) => relay.#accept(socket));
    return relay;
  }

  get connections(): readonly RelayedConnection[] {
    return [...this.#connections].filter(({ isOpen }) => isOpen);
  }

  /** Connections there have ever been. */
  get count(): number {
    return this.#count;
  }

  /** Nothing gets through in these directions until `heal`. */
  hold(directions: readonly Direction[] = ['up', 'down'], which: Which = all): void {
    this.#change(directions, which, (line) => ({ ...line, isHeld: true }));
  }

  delay(
    delayMs: number,
    jitterMs = 0,
    directions: readonly Direction[] = ['up', 'down'],
    which: Which = all,
  ): void {
    this.#change(directions, which, (line) => ({ ...line, delayMs, jitterMs }));
  }

  cut(which: Which = all): void {
    for (const connection of this.connections.filter(which)) connection.cut();
  }

  /** New connections end at once. */
  refuse(): void {
    this.#isRefusing = true;
  }

  /** All is well again; what was held comes out. */
  heal(): void {
    this.#isRefusing = false;
    this.#change(['up', 'down'], all, () => ({ isHeld: false, delayMs: 0, jitterMs: 0 }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #change(directions: readonly Direction[], which: Which, change: (line: Line) => Line): void {
    for (const direction of directions) {
      const line = change(this.#lines[direction]);
      if (which === all) this.#lines[direction] = line;
      for (const connection of this.connections.filter(which)) connection.set(direction, line);
    }
  }

  #accept(client: Socket): void {
    if (this.#isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#targetPort(), host: '127.0.0.1', allowHalfOpen: true });
    this.#count += 1;
    const connection = new RelayedConnection(this.#count, client, server, this.#random);
    connection.set('up', this.#lines.up);
    connection.set('down', this.#lines.down);
    this.#connections.add(connection);
    client.on('close', () => this.#connections.delete(connection));
  }
}
