import { setTimeout as pause } from 'node:timers/promises';
import { benchUsers } from '../processes/bench-users.ts';
import { type KeptAnswer, type KeptConnection, requestText } from '../processes/kept-connection.ts';

/** What came of the revocations so far. */
export interface RevocationTally {
  revocations: number;
  requests: number;
  /** Asked of a worker after the logout had answered. */
  checks: number;
  /** Of those: accepted. */
  stale: number;
  /** Answers of 503, to whatever: nobody was refused, and it was asked again. */
  outages: number;
}

const retryMs = 20;
const retriesMax = 500;

/** Requests that a revocation comes to with so many workers. */
export function requestsOfRevocation(workers: number): number {
  return 2 + 2 * workers;
}

function loginText(index: number): string {
  const { password, username } = benchUsers[index % benchUsers.length] ?? {
    username: '',
    password: '',
  };
  const body = JSON.stringify({ username, password });
  return (
    `POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`
  );
}

/** One after the other: logs in, uses the session at every worker, logs out at one of them, and asks all of them again. */
export class RevocationLane {
  /** One to each worker of each node. */
  readonly #connections: readonly KeptConnection[];
  readonly #tally: RevocationTally;

  constructor(connections: readonly KeptConnection[], tally: RevocationTally) {
    this.#connections = connections;
    this.#tally = tally;
  }

  async revoke(index: number): Promise<void> {
    const cookie = await this.#logIn(index);
    const text = requestText('/api/hello', cookie);
    for (const turn of this.#connections.keys()) {
      const { status } = await this.#ask(index + turn, text);
      if (status !== 200) throw new Error(`a live session was answered ${status}`);
    }
    // An outage ends the session here, and elsewhere when the store knows: the logout that is then answered counts.
    const outagesBefore = this.#tally.outages;
    const { status } = await this.#ask(
      index + 1,
      `POST /auth/logout HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\nContent-Length: 0\r\n\r\n`,
    );
    // The store may have known of the logout before it was said to be unavailable: then nobody is left to log out.
    const wasEndedBefore = status === 401 && this.#tally.outages > outagesBefore;
    if (status !== 200 && !wasEndedBefore) throw new Error(`a logout was answered ${status}`);
    this.#tally.revocations += 1;
    for (const said of await this.#askAll(text)) {
      this.#tally.checks += 1;
      if (said === 200) this.#tally.stale += 1;
      else if (said !== 401) throw new Error(`an ended session was answered ${said}`);
    }
  }

  close(): void {
    for (const one of this.#connections) one.close();
  }

  async #logIn(index: number): Promise<string> {
    const { head, status } = await this.#ask(index, loginText(index));
    const [, cookie] = /\nset-cookie: ([^;\r]+)/i.exec(head) ?? [];
    if (status !== 200 || cookie === undefined) throw new Error(`a login was answered ${status}`);
    return cookie;
  }

  async #askAll(text: string): Promise<number[]> {
    const answers = await Promise.all(this.#connections.map((_, index) => this.#ask(index, text)));
    return answers.map(({ status }) => status);
  }

  async #ask(index: number, text: string): Promise<KeptAnswer> {
    const one = this.#connections[index % this.#connections.length];
    if (one === undefined) throw new Error('no connections');
    for (let retries = 0; ; retries += 1) {
      this.#tally.requests += 1;
      const answer = await one.ask(text);
      if (answer.status !== 503 || retries === retriesMax) return answer;
      this.#tally.outages += 1;
      await pause(retryMs);
    }
  }
}
