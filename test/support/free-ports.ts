import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that Linux takes for outgoing connections (from 32768 on, ip(7)): of those somebody may have one by
 * the time a server asks for it. Each process begins somewhere else and goes on from there, so none comes twice soon.
 */
const first = 10_240;
const count = 22_000;
let next = randomInt(count);

/** Ports of the loopback that nobody has. */
export async function freePorts(wanted: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < wanted) {
    const port = first + (next++ % count);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
