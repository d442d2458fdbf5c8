import http, { type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import { serverSettings, SessionCheck } from './session-check.ts';

// `node:http` in front, undici behind, by `stream` with `opaque`: what its documentation advises for a server that writes
// an answer on to its client.

const settings = serverSettings();
const check = new SessionCheck(settings);
const pool = new Pool(`http://127.0.0.1:${settings.upstreamPort}`, {
  pipelining: 1,
  keepAliveTimeout: 60_000,
});

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding']);

function toClient({
  headers,
  opaque: response,
  statusCode,
}: Dispatcher.StreamFactoryData<ServerResponse>): ServerResponse {
  const fields = Object.entries(headers).filter(([name]) => !hopByHop.has(name));
  return response.writeHead(statusCode, Object.fromEntries(fields));
}

function ended(error: Error | null, { opaque: response }: Dispatcher.StreamData<ServerResponse>) {
  if (error === null) return;
  if (response.headersSent) response.destroy();
  else response.writeHead(502).end();
}

const server = http.createServer((request, response) => {
  const headers = check.forwardedFields(request);
  if (headers === null) {
    response.writeHead(401).end();
    return;
  }
  const method = request.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  pool.stream(
    {
      path: request.url ?? '/',
      method,
      headers,
      body: hasBody ? request : null,
      opaque: response,
    },
    toClient,
    ended,
  );
});
server.keepAliveTimeout = 65_000;
server.listen({ port: settings.port, host: '127.0.0.1', backlog: 4096 });
