import { RawClient } from './raw-client.ts';
import { request } from './request.ts';

/** One request that a client sent, and what became of it. */
export interface Sent {
  readonly method: 'GET' | 'POST';
  readonly target: string;
  /** 0: the connection broke off. */
  readonly status: number;
}

/** Clients that ask one thing after the other, GET and POST in turn, each with a target of its own, until told to stop. */
export class SteadyLoad {
  readonly sent: Sent[] = [];
  readonly #port: number;
  readonly #clients: Promise<void>[];
  #isStopped = false;
  #number = 0;

  constructor(port: number, clients: number) {
    this.#port = port;
    this.#clients = Array.from({ length: clients }, () => this.#run());
  }

  async stop(): Promise<readonly Sent[]> {
    this.#isStopped = true;
    await Promise.all(this.#clients);
    return this.sent;
  }

  async #run(): Promise<void> {
    let client = await RawClient.connect(this.#port);
    while (!this.#isStopped) {
      const number = this.#number++;
      const method = number % 2 === 0 ? 'GET' : 'POST';
      const target = `/public/${String(number)}`;
      const lines = method === 'POST' ? ['Content-Length: 0'] : [];
      let status = 0;
      try {
        status = (await client.write(request(method, target, lines)).response()).status;
      } catch {
        client.reset();
        client = await RawClient.connect(this.#port);
      }
      this.sent.push({ method, target, status });
    }
    client.reset();
  }
}
