// A service that gives a token to whoever asks, as small as can be: the gateways keep what it says.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'text/plain');
  response.end(randomBytes(24).toString('base64url'));
});
server.listen(Number(process.env.PORT ?? 8000), process.env.HOST ?? '0.0.0.0', () => {
  process.stdout.write(`listening on ${server.address().port}\n`);
});
process.once('SIGTERM', () => server.close());
