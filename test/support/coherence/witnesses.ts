import { logIn, type Login } from '../login.ts';
import { ask } from '../raw-client.ts';
import { request } from '../request.ts';
import { waitForValue } from '../wait-for.ts';
import type { Fleet } from './fleet.ts';

const sessions = 4;

/** Null while the store is out, for another reason perhaps. */
async function logInSome(port: number): Promise<readonly Login[] | null> {
  try {
    return await Promise.all(Array.from({ length: sessions }, () => logIn(port)));
  } catch {
    return null;
  }
}

/** Some sessions that a fault needs in a certain state at a certain moment: traffic alone would bring them rarely. */
export class Witnesses {
  readonly #fleet: Fleet;
  readonly #cookies: readonly string[];

  private constructor(fleet: Fleet, cookies: readonly string[]) {
    this.#fleet = fleet;
    this.#cookies = cookies;
  }

  /** Logged in at the first node and, unless told otherwise, known to every node. */
  static async open(fleet: Fleet, { isKnown = true } = {}): Promise<Witnesses> {
    const port = fleet.node(0).gateway.edge;
    const logins = await waitForValue('logins', () => logInSome(port), 20_000);
    const witnesses = new Witnesses(
      fleet,
      logins.map(({ cookie }) => cookie),
    );
    if (isKnown) {
      for (const index of fleet.nodes.keys()) await witnesses.visit(index);
    }
    return witnesses;
  }

  /** Logged out at the first node; resolves when that has been answered. */
  async end(): Promise<void> {
    const lines = ['Content-Length: 0'];
    await this.#each((cookie) => this.#ask(0, 'POST', '/auth/logout', cookie, lines));
  }

  /** Tried at one node. What it answers is for the checker to judge. */
  async visit(at: number): Promise<void> {
    await this.#each((cookie) => this.#ask(at, 'GET', '/x', cookie, []));
  }

  async #each(what: (cookie: string) => Promise<void>): Promise<void> {
    await Promise.all(this.#cookies.map(what));
  }

  async #ask(
    at: number,
    method: string,
    path: string,
    cookie: string,
    lines: readonly string[],
  ): Promise<void> {
    const fields = [`Cookie: ${cookie}`, 'Connection: close', ...lines];
    try {
      await ask(this.#fleet.node(at).gateway.edge, request(method, path, fields));
    } catch {
      // A node that is being replaced, or stands still.
    }
  }
}
