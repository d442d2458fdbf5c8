import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import { serverSettings, SessionCheck, type Fields } from './session-check.ts';

// @fastify/http-proxy with undici behind, its default; no log, as everybody here.

const settings = serverSettings();
const check = new SessionCheck(settings);
const app = fastify({ logger: false, keepAliveTimeout: 65_000, bodyLimit: 16 * 1_048_576 });
/** From the check to where the fields are written. */
const checked = new WeakMap<object, Fields>();

await app.register(httpProxy, {
  upstream: `http://127.0.0.1:${settings.upstreamPort}`,
  http2: false,
  undici: { connections: 1024, pipelining: 1, keepAliveTimeout: 60_000 },
  preHandler: (request, reply, next) => {
    const fields = check.forwardedFields(request.raw);
    if (fields === null) {
      void reply.code(401).send();
      return;
    }
    checked.set(request.raw, fields);
    next();
  },
  replyOptions: {
    rewriteRequestHeaders: (request) => checked.get(request.raw) ?? {},
  },
});
await app.listen({ port: settings.port, host: '127.0.0.1', backlog: 4096 });
