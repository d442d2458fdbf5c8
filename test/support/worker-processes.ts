import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { readControlSocket } from '../../src/config/read-control.ts';
import type { Gateway } from './gateway.ts';
import { Process } from './gateway.ts';
import { within } from './wait-for.ts';

export interface SeenWorker {
  readonly worker: number;
  readonly pid: number;
  readonly state: string;
  readonly generation: number;
}

export interface SeenNodes {
  readonly pid: number;
  readonly generation: number;
  readonly isConfigTaken: boolean;
  readonly workers: readonly SeenWorker[];
}

/** A command of the command line, to its end. */
export async function run(
  ...args: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = new Process(args);
  const { code } = await within(`portcullis ${args.join(' ')}`, child.exit, 60_000);
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** What `portcullis nodes` would say of a gateway, without a process for each look. */
export async function nodesOf(gateway: Gateway): Promise<SeenNodes> {
  const socketPath = readControlSocket(gateway.configPath, process.getuid?.() ?? 0) ?? '';
  const asking = request({ socketPath, method: 'POST', path: '/' });
  asking.end('{"deed":"nodes"}');
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]; // the event's argument
  const pieces: unknown[] = await answer.toArray();
  const { value } = JSON.parse(pieces.join('')) as { value: SeenNodes }; // JSON.parse knows no types
  return value;
}
