import { ask, RawClient, type RawResponse } from './raw-client.ts';

/** What a login gave. */
export interface Login {
  readonly response: RawResponse;
  /** `name=token`, as a Cookie field carries it. */
  readonly cookie: string;
  readonly token: string;
}

/** A login by bare bytes, as curl would send it. */
export async function tryLogin(
  port: number,
  username: string,
  password: string,
  path = '/auth/login',
): Promise<RawResponse> {
  const body = Buffer.from(JSON.stringify({ username, password }));
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${String(body.length)}\r\n`;
  return await ask(port, Buffer.concat([Buffer.from(`${head}Connection: close\r\n\r\n`), body]));
}

/** The same from another address of the loopback, such as 127.0.0.2. */
export async function tryLoginFrom(
  localAddress: string,
  port: number,
  username: string,
  password: string,
): Promise<RawResponse> {
  await using client = await RawClient.connect(port, { localAddress });
  const body = JSON.stringify({ username, password });
  const head = `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n`;
  return await client.write(Buffer.from(`${head}\r\n${body}`)).response('POST');
}

/** A login with somebody else's token; the cookie, if one was set. */
export async function tryTokenLogin(
  port: number,
  token: string,
  path = '/auth/login',
): Promise<{ readonly response: RawResponse; readonly cookie: string | undefined }> {
  const body = Buffer.from(JSON.stringify({ token }));
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${String(body.length)}\r\n`;
  const response = await ask(
    port,
    Buffer.concat([Buffer.from(`${head}Connection: close\r\n\r\n`), body]),
  );
  const cookie = /^([^=;]+=[^;]+)/.exec(response.value('set-cookie') ?? '')?.[1];
  return { response, cookie };
}

/** Logs in; fails if that is refused. */
export async function logIn(
  port: number,
  username = 'user1',
  password = 'pass1',
  path = '/auth/login',
): Promise<Login> {
  const response = await tryLogin(port, username, password, path);
  const cookie = /^([^=;]+=[^;]+)/.exec(response.value('set-cookie') ?? '')?.[1];
  if (response.status !== 200 || cookie === undefined) {
    throw new Error(`login of ${username}: ${response.startLine} ${response.text()}`);
  }
  return { response, cookie, token: cookie.slice(cookie.indexOf('=') + 1) };
}
