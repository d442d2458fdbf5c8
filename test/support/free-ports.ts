import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that Linux takes for outgoing connections (from 32768 on, ip(7)): of those somebody may have one by
 * the time a server asks for it. Each process begins somewhere else and goes on from there, so none comes twice soon;
 * those that run at the same time have a share each, for a port that is named in a file is not taken yet.
 */
const shares = 4;
const count = 5_500;
const first = 10_240 + (Number(process.env['VITEST_POOL_ID'] ?? 0) % shares) * count;
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
