// An application behind the gateway, as small as can be: it believes X-UserInfo, because nobody else reaches it.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const user = request.headers['x-userinfo'] ?? null;
  response.setHeader('Content-Type', 'application/json');
  response.end(`${JSON.stringify({ method: request.method, path: request.url, user })}\n`);
});
server.listen(Number(process.env.PORT ?? 8000), process.env.HOST ?? '0.0.0.0', () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
process.once('SIGTERM', () => server.close());
