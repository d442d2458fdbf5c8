import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ask } from '../../bench/processes/ask.ts';
import { benchUsers } from '../../bench/processes/bench-users.ts';
import { KeptConnection, requestText } from '../../bench/processes/kept-connection.ts';
import { playStorm } from '../../bench/storm/play-storm.ts';
import type { SeededRandom } from '../../bench/storm/seeded-random.ts';
import type { SoakTally } from './soak-tally.ts';

/** One client of the soak, and what it goes by. */
export interface SoakClient {
  readonly edgePort: number;
  readonly securePort: number;
  readonly random: SeededRandom;
  readonly tally: SoakTally;
  /** Until then it asks; it leaves nothing open. */
  readonly isOver: () => boolean;
}

const answerMs = 20_000;

async function logIn(client: SoakClient, isSecure: boolean): Promise<string> {
  const { username, password } = benchUsers[client.random.whole(0, benchUsers.length - 1)] ?? {};
  const body = JSON.stringify({ username, password });
  const port = isSecure ? client.securePort : client.edgePort;
  const fields = { 'content-type': 'application/json', 'content-length': String(body.length) };
  const answer = await ask({ port, isSecure, path: '/auth/login', method: 'POST', fields, body });
  const cookie = answer.fields['set-cookie']?.[0]?.split(';')[0];
  if (answer.status !== 200 || cookie === undefined)
    throw new Error(`a login was answered ${String(answer.status)}`);
  return cookie;
}

async function logOut(client: SoakClient, isSecure: boolean, cookie: string): Promise<void> {
  const port = isSecure ? client.securePort : client.edgePort;
  const fields = { cookie, 'content-length': '0' };
  const answer = await ask({ port, isSecure, path: '/auth/logout', method: 'POST', fields });
  if (answer.status >= 300) throw new Error(`a logout was answered ${String(answer.status)}`);
}

/** Asks with a session over one connection after the other, GET and POST. */
export async function overHttp1(client: SoakClient): Promise<void> {
  const { edgePort, isOver, random, tally } = client;
  const cookie = await logIn(client, false);
  while (!isOver()) {
    const connection = await KeptConnection.open(edgePort);
    for (let left = random.whole(1, 80); left > 0 && !isOver(); left--) {
      await pause(random.whole(20, 80));
      const path = `/api/app/answer/${String(random.whole(0, 20_000))}`;
      const text = random.chance(0.2)
        ? `POST ${path} HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\nContent-Length: 5\r\n\r\nsoak!`
        : requestText(path, cookie);
      let isLast = false;
      await tally.time('HTTP/1.1', async () => {
        const answer = await connection.ask(text).catch(async () => {
          // It was closed while nothing was under way, by a worker that goes: anybody would ask again.
          isLast = true;
          const other = await KeptConnection.open(edgePort);
          return await other.ask(text).finally(() => other.close());
        });
        isLast ||= /\nconnection: close/i.test(answer.head);
        return answer.status === 200 || `status ${String(answer.status)}`;
      });
      if (isLast) break;
    }
    connection.close();
  }
  await logOut(client, false, cookie);
}

/** Asks the upstream itself, at the same pace: `edgePort` is its port. */
export async function pastTheGateway({
  edgePort,
  isOver,
  random,
  tally,
}: SoakClient): Promise<void> {
  const connection = await KeptConnection.open(edgePort);
  while (!isOver()) {
    await pause(random.whole(20, 80));
    const path = `/api/app/answer/${String(random.whole(0, 20_000))}`;
    await tally.timeDirect(() => connection.ask(requestText(path, '')));
  }
  connection.close();
}

/** The same over HTTP/2; one stream in ten is cancelled. */
export async function overHttp2(client: SoakClient): Promise<void> {
  const { isOver, random, securePort, tally } = client;
  const cookie = await logIn(client, true);
  while (!isOver()) {
    const session = await openHttp2(securePort);
    for (let left = random.whole(10, 200); left > 0 && !isOver(); left--) {
      await pause(random.whole(20, 80));
      if (session.closed || session.destroyed) break;
      const path = `/api/app/answer/${String(random.whole(0, 20_000))}`;
      const fields = { ':path': path, cookie };
      if (random.chance(0.1)) {
        const stream = session.request(fields).on('error', () => {});
        await pause(random.whole(0, 4));
        stream.close(constants.NGHTTP2_CANCEL);
        tally.did('HTTP/2 cancelled');
        continue;
      }
      await tally.time('HTTP/2', async () => {
        const status = await askHttp2(session, fields);
        if (status !== null) return status === 200 || `status ${String(status)}`;
        // The connection went away under it: once more, as a browser does.
        const other = await openHttp2(securePort);
        return (await askHttp2(other, fields).finally(() => other.destroy())) === 200;
      });
    }
    session.destroy();
  }
  await logOut(client, true, cookie);
}

async function openHttp2(port: number): Promise<ClientHttp2Session> {
  const session = connect(`https://127.0.0.1:${String(port)}`, { rejectUnauthorized: false });
  session.on('error', () => {});
  await once(session, 'connect');
  return session;
}

/** Null: there was no answer. */
function askHttp2(
  session: ClientHttp2Session,
  fields: Record<string, string>,
): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  if (session.closed || session.destroyed) return Promise.resolve(null);
  const stream = session.request(fields);
  let status: number | null = null;
  stream.setTimeout(answerMs, () => stream.close());
  stream.on('response', (head) => {
    status = head[':status'] ?? null;
  });
  stream.on('error', () => {
    status = null;
  });
  stream.on('close', () => resolve(status));
  stream.resume();
  return promise;
}

/** Opens WebSockets, has messages sent back, and leaves in good order or not. */
export async function overWebSockets(client: SoakClient): Promise<void> {
  const { edgePort, isOver, random, tally } = client;
  const cookie = await logIn(client, false);
  while (!isOver()) {
    const headers = { cookie, origin: `http://127.0.0.1:${String(edgePort)}` };
    const socket = new WebSocket(`ws://127.0.0.1:${String(edgePort)}/api/echo`, { headers });
    socket.on('error', () => {});
    await Promise.race([once(socket, 'open'), once(socket, 'close')]).catch(() => {});
    for (let left = random.whole(1, 60); left > 0 && !isOver(); left--) {
      await pause(random.whole(20, 120));
      if (socket.readyState !== WebSocket.OPEN) break;
      const message = 'x'.repeat(random.whole(1, 10_000));
      await tally.time('WebSocket', () => hasEcho(socket, message));
    }
    if (random.chance(0.5)) socket.terminate();
    else socket.close(1000);
    if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
    tally.did('WebSocket ended');
  }
  await logOut(client, false, cookie);
}

/** True also where a worker that goes ends the stream: it says so, and the message was not lost unnoticed. */
function hasEcho(socket: WebSocket, message: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const onMessage = (back: unknown): void => end(String(back) === message);
  const onClose = (code: number): void => end(code === 1012);
  const timer = setTimeout(() => end(false), answerMs);
  const end = (isRight: boolean): void => {
    clearTimeout(timer);
    socket.off('message', onMessage).off('close', onClose);
    resolve(isRight);
  };
  socket.on('message', onMessage).on('close', onClose);
  socket.send(message);
  return promise;
}

/** Logs in, asks once, logs out: each session lives a moment. */
export async function overLogins(client: SoakClient): Promise<void> {
  const { edgePort, isOver, random, tally } = client;
  while (!isOver()) {
    const cookie = await logIn(client, false);
    tally.did('login');
    const path = '/api/app/answer/10';
    const ours = await ask({ port: edgePort, path, fields: { cookie } });
    await logOut(client, false, cookie);
    const after = await ask({ port: edgePort, path, fields: { cookie } });
    tally.asked += 1;
    if (ours.status !== 200 || after.status !== 401) tally.failed += 1;
    await pause(random.whole(150, 350));
  }
}

/** Requests that break off anywhere, on either side. */
export async function overAborts(client: SoakClient): Promise<void> {
  const { edgePort, isOver, random, tally } = client;
  const cookie = await logIn(client, false);
  for (let first = 0; !isOver(); first += 20) {
    const seed = random.whole(0, 2 ** 31);
    const many = { seed, first, requests: 20, concurrency: 4, port: edgePort };
    const { signal } = new AbortController();
    const ended = await playStorm({ ...many, cookie, forgedCookie: `${cookie}x`, signal });
    for (let left = 20; left > 0; left--) tally.did('broken off, or not');
    if (ended.hung > 0) tally.failed += ended.hung;
    await pause(random.whole(100, 300));
  }
  await logOut(client, false, cookie);
}
