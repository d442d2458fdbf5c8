import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { holdStream } from './held-stream.ts';

/** What a client got: a status, or null where the connection broke. */
interface Reply {
  readonly status: number | null;
  readonly cookie: string | null;
}

export interface TrafficOptions {
  /** Ports of the nodes; asked anew for each request. */
  readonly ports: () => readonly number[];
  readonly random: () => number;
  /** Lives of sessions that go on at the same time. */
  readonly lives: number;
  /** How long a session is used at most, and tried again when it has ended: longer than the bound. */
  readonly wanderMs: number;
  /** Pause between the requests of one life. */
  readonly paceMs: number;
}

/** Who come and go. The demo users stay. */
export const people = Array.from({ length: 10 }, (_, index) => `person${String(index)}`);
export const peoplesPassword = 'a-password';

const requestTimeoutMs = 4_000;
const warmingRounds = 2;

/**
 * People who log in, go to every node, log out somewhere, and try the cookie again on every node, at once and until long
 * after the bound; beside them some who never log out. What came of it the recorders of the nodes write down; here it is
 * only made to happen.
 */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #lives: Promise<void>[];
  readonly #stayers: Promise<void>[];
  readonly counts = { logins: 0, logouts: 0, thrownOut: 0, requests: 0, broken: 0, outages: 0 };
  #staff: string | null = null;
  #isOver = false;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#lives = Array.from({ length: options.lives }, () => this.#again(() => this.#live()));
    this.#stayers = Array.from({ length: 2 }, () => this.#stay());
  }

  /** Nobody new; whoever is there goes on to the end. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#lives, ...this.#stayers]);
    this.#agent.destroy();
  }

  async #again(live: () => Promise<void>): Promise<void> {
    while (!this.#isOver) await live();
  }

  async #live(): Promise<void> {
    const user = this.#pick(people);
    const cookie = await this.#logIn(user);
    if (cookie === null) return;
    // Every other one is new to all other nodes when it ends.
    const rounds = this.#options.random() < 0.5 ? warmingRounds : 0;
    for (let round = 0; round < rounds; round += 1) await this.#visitAll(cookie);
    if (rounds > 0) await this.#wander(cookie);
    // Some have something open that does not end by itself.
    const stream = this.#options.random() < 0.4 ? holdStream(this.#port(), cookie) : null;
    if (stream !== null) await this.#visitAll(cookie);
    const visits = this.#visitWhile(cookie);
    const isThrownOut = this.#options.random() < 0.1;
    const isEnded = isThrownOut ? await this.#throwOut(user) : await this.#logOut(cookie);
    visits.stop();
    if (isEnded) await this.#visitAll(cookie);
    await visits.done;
    await this.#wander(cookie);
    stream?.close();
  }

  /** Here and there for a while. */
  async #wander(cookie: string): Promise<void> {
    const endsAtMs = performance.now() + this.#options.wanderMs * this.#options.random();
    while (performance.now() < endsAtMs && !this.#isOver) {
      await pause(this.#options.paceMs * (1 + 4 * this.#options.random()));
      await this.#visit(this.#port(), cookie);
    }
  }

  /** Somebody whose session nobody ends. */
  async #stay(): Promise<void> {
    let cookie: string | null = null;
    while (!this.#isOver) {
      cookie ??= await this.#logIn('user1', 'pass1');
      if (cookie !== null) await this.#visitAll(cookie);
      await pause(this.#options.paceMs);
    }
  }

  #visitWhile(cookie: string): { stop(): void; readonly done: Promise<void> } {
    let isOver = false;
    const run = async (): Promise<void> => {
      while (!isOver) await this.#visit(this.#port(), cookie);
    };
    return { stop: () => void (isOver = true), done: run() };
  }

  async #logIn(username: string, password = peoplesPassword): Promise<string | null> {
    const body = JSON.stringify({ username, password });
    const { cookie } = await this.#send(this.#port(), 'POST', '/auth/login', '', body);
    if (cookie === null) await pause(this.#options.paceMs);
    else this.counts.logins += 1;
    return cookie;
  }

  async #logOut(cookie: string): Promise<boolean> {
    const { status } = await this.#send(this.#port(), 'POST', '/auth/logout', cookie);
    if (status === 200) this.counts.logouts += 1;
    return status === 200;
  }

  /** Staff end everything that this user has, everywhere. */
  async #throwOut(username: string): Promise<boolean> {
    this.#staff ??= await this.#logIn('admin', 'password');
    if (this.#staff === null) return false;
    const body = JSON.stringify({ username });
    const { status } = await this.#send(
      this.#port(),
      'POST',
      '/auth/logout_user',
      this.#staff,
      body,
    );
    if (status === 200 || status === 202) this.counts.thrownOut += 1;
    else if (status !== 503) this.#staff = null;
    return status === 200 || status === 202;
  }

  async #visitAll(cookie: string): Promise<void> {
    await Promise.all(this.#options.ports().map((port) => this.#visit(port, cookie)));
  }

  async #visit(port: number, cookie: string): Promise<void> {
    const { status } = await this.#send(port, 'GET', '/x', cookie);
    this.counts.requests += 1;
    if (status === null) {
      this.counts.broken += 1;
      await pause(this.#options.paceMs);
    } else if (status === 503) {
      this.counts.outages += 1;
      await pause(this.#options.paceMs);
    }
  }

  #port(): number {
    return this.#pick(this.#options.ports());
  }

  #pick<Thing>(things: readonly Thing[]): Thing {
    const thing = things[Math.floor(this.#options.random() * things.length)];
    if (thing === undefined) throw new Error('nothing to pick from');
    return thing;
  }

  #send(port: number, method: string, path: string, cookie: string, body = ''): Promise<Reply> {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const headers = {
      ...(cookie !== '' && { Cookie: cookie }),
      ...(method === 'POST' && { 'Content-Length': Buffer.byteLength(body) }),
    };
    const options = { port, host: '127.0.0.1', method, path, headers, agent: this.#agent };
    const sent = request(options, (response) => {
      const set = response.headers['set-cookie']?.[0];
      const given =
        response.statusCode === 200 ? (/^([^=;]+=[^;]+)/.exec(set ?? '')?.[1] ?? null) : null;
      response.resume();
      response.on('close', () => resolve({ status: response.statusCode ?? null, cookie: given }));
    });
    sent.setTimeout(requestTimeoutMs, () => sent.destroy());
    sent.on('error', () => resolve({ status: null, cookie: null }));
    sent.end(body);
    return promise;
  }
}
