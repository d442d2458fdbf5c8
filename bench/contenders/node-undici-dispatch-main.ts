import http, { type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import { serverSettings, SessionCheck } from './session-check.ts';

// `node:http` in front, undici behind, by `dispatch`: the least between, and kept for authors of libraries.

const settings = serverSettings();
const check = new SessionCheck(settings);
const pool = new Pool(`http://127.0.0.1:${settings.upstreamPort}`, {
  pipelining: 1,
  keepAliveTimeout: 60_000,
});

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding']);

/** Brings one answer to the client. */
class Answer implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) controller.abort(new Error('the client left'));
    });
    this.#response.on('drain', () => controller.resume());
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    const fields = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || hopByHop.has(name) ? [] : [[name, value] as const],
    );
    this.#response.writeHead(statusCode, Object.fromEntries(fields));
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (!this.#response.write(piece)) controller.pause();
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(): void {
    if (this.#response.headersSent) this.#response.destroy();
    else this.#response.writeHead(502).end();
  }
}

const server = http.createServer((request, response) => {
  const headers = check.forwardedFields(request);
  if (headers === null) {
    response.writeHead(401).end();
    return;
  }
  const method = request.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  pool.dispatch(
    {
      path: request.url ?? '/',
      method,
      headers,
      body: hasBody ? request : null,
    },
    new Answer(response),
  );
});
server.keepAliveTimeout = 65_000;
server.listen({ port: settings.port, host: '127.0.0.1', backlog: 4096 });
