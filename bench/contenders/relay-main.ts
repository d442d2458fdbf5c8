import net from 'node:net';
import { serverSettings } from './session-check.ts';

// The floor of what Node can do: octets from one socket to the other and back, whatever they say.

const { port, upstreamPort } = serverSettings();

function forward(from: net.Socket, to: net.Socket): void {
  from.on('data', (piece) => {
    if (!to.write(piece)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}

net
  .createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const upstream = net.connect({
      ...{ port: upstreamPort, host: '127.0.0.1' },
      ...{ noDelay: true, allowHalfOpen: true },
    });
    forward(client, upstream);
    forward(upstream, client);
  })
  .listen({ port, host: '127.0.0.1', backlog: 4096 });
