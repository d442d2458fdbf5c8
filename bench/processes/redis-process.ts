import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { Child } from './child.ts';
import { onCore } from './core-plan.ts';
import { poll } from './poll.ts';

export interface RedisProcessOptions {
  readonly port: number;
  readonly core: number | null;
  readonly directory: string;
  readonly signal: AbortSignal;
}

const startTimeoutMs = 10_000;

/** A Redis that keeps nothing on a disk; resolves when it listens. Needs Debian's redis-server. */
export async function startRedis(options: RedisProcessOptions): Promise<Child> {
  const { core, directory, port, signal } = options;
  const [command = '', ...rest] = onCore(core, [
    ...['redis-server', '--port', String(port), '--bind', '127.0.0.1'],
    ...['--save', '', '--dir', directory],
  ]);
  const logPath = join(directory, 'redis.log');
  const child = new Child({ name: 'Redis', command, arguments: rest, logPath });
  const wait = { clock: systemClock, timeoutMs: startTimeoutMs, intervalMs: 50, signal };
  const isThere = async (): Promise<boolean> => {
    if (child.hasEnded) await child.untilEnded();
    const socket = net.connect({ host: '127.0.0.1', port });
    try {
      await once(socket, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  };
  try {
    if (await poll(isThere, wait)) return child;
    throw new Error(`Redis does not listen after ${startTimeoutMs} ms.\n${child.logTail()}`);
  } catch (error) {
    await child.stop();
    throw error;
  }
}
