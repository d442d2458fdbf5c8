import { setTimeout as pause } from 'node:timers/promises';
import { logIn } from './login.ts';
import { ask } from './raw-client.ts';
import { request } from './request.ts';

const retryMs = 20;

/**
 * Logins and logouts as fast as they come, whatever breaks meanwhile, and what was acknowledged of them. A session of
 * which nobody can say what became of it is in neither set.
 */
export class BusyPeople implements AsyncDisposable {
  readonly live = new Set<string>();
  readonly ended = new Set<string>();
  readonly #port: number;
  readonly #clients: readonly Promise<void>[];
  #isOver = false;

  constructor(port: number, clients: number) {
    this.#port = port;
    this.#clients = Array.from({ length: clients }, (_, index) => this.#run(index));
  }

  get acknowledged(): number {
    return this.live.size + 2 * this.ended.size;
  }

  /** What is under way comes to its end. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #run(index: number): Promise<void> {
    for (let round = index; !this.#isOver; round += 1) {
      try {
        const { cookie } = await logIn(this.#port);
        if (round % 3 === 0) this.live.add(cookie);
        else if ((await logOut(this.#port, cookie)) === 200) this.ended.add(cookie);
      } catch {
        await pause(retryMs); // A process died in the middle of it.
      }
    }
  }
}

export async function logOut(port: number, cookie: string): Promise<number> {
  const lines = [`Cookie: ${cookie}`, 'Content-Length: 0', 'Connection: close'];
  return (await ask(port, request('POST', '/auth/logout', lines))).status;
}

export async function statusOf(port: number, cookie: string): Promise<number> {
  return (await ask(port, request('GET', '/x', [`Cookie: ${cookie}`, 'Connection: close']))).status;
}
