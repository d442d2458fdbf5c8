import { createServer } from 'node:http';

/** An upstream as a process of its own: says each request that comes on its standard output, before it answers. */
const [, , name = 'upstream', port = '0', host = '127.0.0.1'] = process.argv;

const server = createServer((request, response) => {
  process.stdout.write(`${request.method ?? ''} ${request.url ?? ''}\n`);
  request.resume().on('end', () => response.end(name));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), host, () => process.stdout.write('ready\n'));
