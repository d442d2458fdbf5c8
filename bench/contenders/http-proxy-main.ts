import http from 'node:http';
import { createProxyServer } from 'http-proxy-3';
import { serverSettings, SessionCheck } from './session-check.ts';

// http-proxy-3, `web()` and `ws()`, with the agent for kept connections that its documentation asks for.

const settings = serverSettings();
const check = new SessionCheck(settings);
const proxy = createProxyServer({
  target: { host: '127.0.0.1', port: settings.upstreamPort, protocol: 'http:' },
  agent: new http.Agent({ keepAlive: true, maxSockets: 1024, maxFreeSockets: 1024 }),
});
proxy.on('error', (_error, _request, response) => {
  if (response === undefined) return;
  if ('writeHead' in response && !response.headersSent) response.writeHead(502).end();
  else response.destroy();
});

const server = http.createServer((request, response) => {
  const fields = check.forwardedFields(request);
  if (fields === null) {
    response.writeHead(401).end();
    return;
  }
  request.headers = fields;
  proxy.web(request, response);
});
server.on('upgrade', (request, socket, head) => {
  const fields = check.forwardedFields(request);
  if (fields === null) {
    socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  request.headers = { ...fields, connection: 'Upgrade', upgrade: 'websocket' };
  proxy.ws(request, socket, head);
});
server.keepAliveTimeout = 65_000;
server.listen({ port: settings.port, host: '127.0.0.1', backlog: 4096 });
